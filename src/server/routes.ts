import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { keepRefused } from '../enrolment/scim/connection/refused.ts';
import { type AnyOperation, rootOf } from '../operation/operation.ts';
import { run, type Services } from '../operation/pipeline.ts';
import { languageOf, speakingIn } from '../platform/language.ts';
import { problem } from '../platform/problems.ts';
import { Refusal, refuse } from '../platform/refusals.ts';
import { sessionCookie, sessionCookieAt } from '../platform/sessions.ts';
import { presented } from './credential.ts';
import { isCrossSite } from './cross-site.ts';
import { bodyless, rawInput } from './input.ts';
import { lastUseKeeper } from './last-use.ts';
import { sendScim } from './scim-answer.ts';
import { tagOf, versionOf } from './versions.ts';

const usualBody = 1024 * 1024;

/** `GET /people/{id}` -> `/api/people/:id` */
export const routeOf = (declared: AnyOperation): { method: string; path: string } => {
  const [method, path] = declared.http.split(' ') as [string, string];
  return { method, path: `${rootOf(declared)}${path.replace(/\{(\w+)\}/g, ':$1')}` };
};

/** Every operation of the registry becomes one route; there is no other way into one over HTTP. */
export async function mountOperations(
  app: FastifyInstance,
  services: Services,
  operations: readonly AnyOperation[],
): Promise<void> {
  const noteUse = lastUseKeeper(services);
  await app.register(async (api) => {
    // Bodies stay bytes until the caller is known: see rawInput.
    api.removeAllContentTypeParsers();
    api.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    for (const declared of operations) {
      const { method, path } = routeOf(declared);
      api.route({
        method,
        url: path,
        bodyLimit: bodyless(declared) ? 1024 : (declared.bodyLimit ?? usualBody),
        config: { operation: declared.name, ...strangerLimit(declared) },
        handler: async (request, reply) => {
          const { credential, sessionToken } = presented(request, services.config.url);
          const sent = await speakingIn(languageOf(request.headers['accept-language']), () =>
            answer(services, declared, request, reply),
          );
          if (sessionToken !== undefined && credential.kind === 'session') noteUse({ session: sessionToken });
          if (credential.kind === 'key') noteUse({ keyHash: credential.keyHash });
          return sent;
        },
      });
    }
  });
}

/** Counted by address, in this process: what strangers may try is bounded without any account being locked. */
const strangerLimit = (declared: AnyOperation) =>
  declared.strangersPerMinute === undefined
    ? {}
    : { rateLimit: { max: declared.strangersPerMinute, timeWindow: 60_000 } };

async function answer(
  services: Services,
  declared: AnyOperation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { url } = services.config;
  const { credential, sessionToken } = presented(request, url);
  if (
    declared.effect !== 'reading' &&
    credential.kind !== 'key' &&
    isCrossSite(request, url, sessionToken !== undefined)
  )
    throw refuse('auth.cross-site');
  const key = idempotencyKey(request);
  const { input, malformed } = key.malformed ? { input: null, ...key } : rawInput(declared, request);
  const { output, cookies } = await run(services, declared, {
    credential,
    input,
    requestId: request.id,
    ifMatch: versionOf(request.headers['if-match']),
    idempotencyKey: key.value,
    ifPreview: previewToken(request),
    caller: {
      address: request.ip,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, 400),
      sessionToken,
    },
  }).catch(async (error: unknown) => {
    if (declared.media === 'scim' && credential.kind === 'key' && error instanceof Refusal)
      await keepRefused(services.db, credential, {
        operation: declared.name,
        refusal: error,
        about: aboutIn(input),
      }).catch((fault: unknown) => request.log.warn({ err: fault }, 'what a feed was refused is not kept'));
    if (malformed && error instanceof Refusal && error.code === 'input.invalid')
      throw refuse(declared.media === 'scim' ? 'scim.invalid-syntax' : 'input.invalid', {
        problem: malformed,
      });
    throw error;
  });
  for (const { name, value, maxAgeSeconds } of cookies) {
    reply.setCookie(name === sessionCookie ? sessionCookieAt(url) : name, value, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: url.startsWith('https:'),
      maxAge: maxAgeSeconds,
    });
  }
  reply.header('cache-control', 'no-store');
  const given = request.headers['x-request-id'];
  // AuthZEN, transport: a caller's own identifier comes back to it. Ours stands in the log and the trail.
  if (declared.standardPath && typeof given === 'string' && /^[\x21-\x7e]{1,200}$/.test(given))
    reply.header('x-request-id', given);
  if (declared.media === 'scim') return sendScim(declared, request, reply, output as Record<string, unknown>);
  if (declared.file) {
    reply
      .type(declared.file.type)
      .header('content-disposition', `attachment; filename="${declared.file.name}"`);
    return output;
  }
  const version = (output as { version?: unknown } | undefined)?.version;
  if (typeof version === 'number') reply.header('etag', tagOf(version));
  reply.type('application/json; charset=utf-8');
  return JSON.stringify(output ?? {});
}

/** Whom or which group a call of a feed names. */
const aboutIn = (input: unknown): string | undefined => {
  const { membershipId, groupId } = (input ?? {}) as Record<string, unknown>;
  return [membershipId, groupId].find((id) => typeof id === 'string') as string | undefined;
};

/** The token of a preview that was looked at; one that no preview ever gave is a stale one. */
const previewToken = (request: FastifyRequest): string | undefined =>
  request.headers['if-preview'] === undefined ? undefined : String(request.headers['if-preview']);

/** A key of the client's choosing; one that cannot be kept is refused rather than cut. */
function idempotencyKey(request: FastifyRequest): {
  value?: string | undefined;
  malformed: string | undefined;
} {
  const value = request.headers['idempotency-key'];
  if (value === undefined) return { malformed: undefined };
  if (typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value)) return { value, malformed: undefined };
  return { malformed: problem('idempotency-key') };
}
