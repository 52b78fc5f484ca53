import { type Language, spoken } from '../../../platform/language.ts';
import { fill, type Kind, type Refusal, type RefusalCode, textIn } from '../../../platform/refusals.ts';
import { errorBody, type ScimType, scimTypeOf } from './problem.ts';

/**
 * A no as SCIM says it (RFC 7644, section 3.12, table 8), where some kinds have another number than elsewhere with us, or
 * none. It stands here because a bulk answer holds such errors inside (section 3.7).
 */
const statusOf: Record<Kind, number> = {
  unauthenticated: 401,
  invalid: 400,
  absent: 404,
  forbidden: 403,
  stale: 412,
  conflict: 409,
  unprocessable: 400,
  gone: 404,
  'too-large': 413,
  'too-many': 429,
  unavailable: 503,
  fault: 500,
};

/** Refusals of the portal's acts that SCIM has a word for. */
const words: Partial<Record<RefusalCode, ScimType>> = {
  'user.name-taken': 'uniqueness',
  'name-taken': 'uniqueness',
  'membership.exists': 'uniqueness',
};

export function errorOf(
  refusal: Refusal,
  language: Language = spoken(),
): { status: number; body: ReturnType<typeof errorBody> } {
  const status = statusOf[refusal.kind];
  const detail = fill(textIn(language, refusal.code), refusal.details);
  const word = scimTypeOf(refusal.code) ?? words[refusal.code];
  return {
    status,
    body: errorBody(status, detail, word ?? (refusal.kind === 'unprocessable' ? 'invalidValue' : undefined)),
  };
}
