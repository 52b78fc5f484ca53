import type { Language } from '../platform/language.ts';
import { fill, type Kind, type Refusal, textIn } from '../platform/refusals.ts';

/** The one place where a kind of no becomes an HTTP status. */
export const statusOf: Record<Kind, number> = {
  unauthenticated: 401,
  invalid: 400,
  absent: 404,
  forbidden: 403,
  stale: 412,
  conflict: 409,
  unprocessable: 422,
  gone: 410,
  'too-large': 413,
  'too-many': 429,
  unavailable: 503,
  fault: 500,
};

export const problemType = 'application/problem+json';

/** Problem details (RFC 9457). `code` is the word to program against; `type` leads to its explanation. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  /** the code's own fields (RFC 9457, section 3.2): what the text was filled with, which inputs were wrong */
  [extension: string]: unknown;
};

/** @param language of `title` and `detail`; what stands in the details was said in it already */
export function problemOf(
  refusal: Refusal,
  url: string,
  requestId: string,
  language: Language = 'en',
): Problem {
  const text = textIn(language, refusal.code);
  return {
    ...refusal.details,
    type: `${url}/docs/api#${refusal.code}`,
    title: titleOf(text, refusal.details),
    status: statusOf[refusal.kind],
    detail: fill(text, refusal.details),
    code: refusal.code,
    requestId,
  };
}

/** The text's first sentence, without what follows a colon there; what stands inside it is filled in. */
const titleOf = (text: string, details: Refusal['details']): string =>
  fill(text.split(/(?<=[.!?])\s/)[0]!.replace(/\s*:\s*\{\w+\}/g, ''), details);

/** What a status obliges to say beside the body: how to sign in, when to come back. */
export function headersOf(refusal: Refusal): Record<string, string> {
  const status = statusOf[refusal.kind];
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  if (status === 429) return { 'retry-after': String(refusal.details.seconds ?? 60) };
  if (status === 503) return { 'retry-after': '2' };
  return {};
}
