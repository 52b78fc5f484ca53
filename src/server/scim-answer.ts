import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorOf } from '../enrolment/scim/protocol/problem-answer.ts';
import type { AnyOperation } from '../operation/operation.ts';
import type { Language } from '../platform/language.ts';
import { refuse } from '../platform/refusals.ts';

/**
 * How an operation with `media: 'scim'` answers (RFC 7644): media type, status, address, tag and the form of its errors.
 * The only place that knows it.
 */
export const scimMedia = 'application/scim+json';

/** Bodies may come as either (RFC 7644, section 3.8). */
export const isScimBody = (contentType: string | undefined): boolean =>
  /^application\/(scim\+)?json\s*(;|$)/i.test(contentType ?? '');

type Json = Record<string, unknown>;

/** Sends what came of an operation: 201 for what was made, 204 for what is gone, 304 for what the client has already. */
export function sendScim(
  declared: AnyOperation,
  request: FastifyRequest,
  reply: FastifyReply,
  { unaskedMeta, ...output }: Json,
): unknown {
  const meta = (output.meta ?? unaskedMeta) as { location?: string; version?: string } | undefined;
  if (declared.http.startsWith('DELETE ')) return reply.code(204).send();
  // One resource, and not a list of them.
  if (meta?.location && typeof output.id === 'string') {
    reply.header('location', meta.location);
    if (meta.version) reply.header('etag', meta.version);
    if (declared.http.startsWith('GET ') && isKnown(request.headers['if-none-match'], meta.version))
      return reply.code(304).send();
    if (isCreating(declared)) reply.code(201);
  }
  return reply.type(scimMedia).send(Buffer.from(JSON.stringify(output)));
}

export const isCreating = ({ name }: Pick<AnyOperation, 'name'>): boolean => name.endsWith('.create');

/** Tags are compared weakly (RFC 9110, section 13.1.2). */
function isKnown(ifNoneMatch: string | undefined, version: string | undefined): boolean {
  if (ifNoneMatch === undefined || version === undefined) return false;
  const plain = (tag: string): string => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => plain(tag) === plain(version));
}

/** `/Me` and what it leads to: allowed to be left out, and then said to be (RFC 7644, section 3.11). */
export const isMe = (url: string): boolean => /^\/scim\/[^/]+\/v2\/Me(\/|\?|$)/.test(url);

/** Everything below an organization's SCIM address speaks SCIM, what is not there as well. */
export const isScimAddress = (url: string): boolean => /^\/scim\/[^/]+\/v2(\/|\?|$)/.test(url);

/** The answer where no operation stands. */
export function nothingThere(url: string, language: Language): ReturnType<typeof errorOf> {
  const answer = errorOf(refuse(isMe(url) ? 'scim.no-me' : 'not-found'), language);
  return isMe(url) ? { status: 501, body: { ...answer.body, status: '501' } } : answer;
}
