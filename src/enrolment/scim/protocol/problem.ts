import { type Problem, problem } from '../../../platform/problems.ts';
import { type Refusal, type RefusalCode, refuse } from '../../../platform/refusals.ts';

/** The detail words of a 400 or 409 (RFC 7644, section 3.12, table 9; RFC 9865, section 2.1). */
export const scimTypes = {
  'scim.invalid-filter': 'invalidFilter',
  'scim.invalid-path': 'invalidPath',
  'scim.invalid-syntax': 'invalidSyntax',
  'scim.invalid-value': 'invalidValue',
  'scim.mutability': 'mutability',
  'scim.no-target': 'noTarget',
  'scim.uniqueness': 'uniqueness',
  'scim.invalid-cursor': 'invalidCursor',
  'scim.expired-cursor': 'expiredCursor',
  'scim.invalid-count': 'invalidCount',
  // what our schemas refuse before an operation begins
  'input.invalid': 'invalidValue',
} as const satisfies Partial<Record<RefusalCode, string>>;

export type ScimType = (typeof scimTypes)[keyof typeof scimTypes];

/** `scimType` of a refusal; undefined where the RFC has no word for it. */
export const scimTypeOf = (code: RefusalCode): ScimType | undefined =>
  (scimTypes as Partial<Record<RefusalCode, ScimType>>)[code];

type Wrong = Extract<keyof typeof scimTypes, `scim.invalid-${string}` | 'scim.mutability' | 'scim.no-target'>;

/** A request that cannot be read or done: thrown, it abandons the whole call. */
export const scimError = (
  code: Wrong,
  key: Extract<Problem, `scim.${string}`>,
  values: Record<string, string | number> = {},
): Refusal => refuse(code, { problem: problem(key, values) });

export const errorSchema = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** The body of an error (RFC 7644, section 3.12); `status` is a string there. */
export function errorBody(status: number, detail: string, scimType?: ScimType) {
  return { schemas: [errorSchema], status: String(status), ...(scimType ? { scimType } : {}), detail };
}
