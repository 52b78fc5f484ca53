import { resultCode } from '../../platform/ldap.ts';
import type { LdapError } from '../../platform/ldap-wire.ts';
import { type Details, type Refusal, type RefusalCode, refuse } from '../../platform/refusals.ts';
import { say, type Text } from '../say.ts';

/** Why a reading came to nothing. */
export const runProblems = [
  'unreachable',
  'no-trust',
  'not-encrypted',
  'not-allowed',
  'nonsense',
  'credentials',
  'no-right',
  'no-base',
  'no-group',
  'groups',
  'answered',
  'cut',
  'nobody',
  'too-many',
  'sealed',
  'fault',
] as const;
export type RunProblemCode = (typeof runProblems)[number];

/** As it stands with the run; said in the language of whoever reads it. */
export type RunProblem =
  | { code: RunProblemCode; values?: Record<string, string | number> }
  | { refusal: RefusalCode; details: Details };

export class RunFailure extends Error {
  override name = 'RunFailure';
  readonly problem: RunProblem;
  constructor(code: RunProblemCode, values?: Record<string, string | number>) {
    super(code);
    this.problem = { code, ...(values ? { values } : {}) };
  }
}

export const refused = ({ code, details }: Refusal): RunProblem => ({ refusal: code, details });

const said: { codes: number[]; code: RunProblemCode }[] = [
  { codes: [resultCode.invalidCredentials, resultCode.inappropriateAuthentication], code: 'credentials' },
  { codes: [resultCode.strongerAuthRequired, resultCode.confidentialityRequired], code: 'not-encrypted' },
  { codes: [resultCode.insufficientAccessRights], code: 'no-right' },
  { codes: [resultCode.noSuchObject, resultCode.invalidDnSyntax, resultCode.referral], code: 'no-base' },
];

/** Nothing of what the server said is quoted. */
export function problemOf({ problem, code }: LdapError): RunProblem {
  if (problem === 'timeout') return { code: 'unreachable' };
  if (problem !== 'answered') return { code: problem };
  return {
    code: said.find(({ codes }) => codes.includes(code!))?.code ?? 'answered',
    values: { status: `LDAP ${code}` },
  };
}

export function sayRunProblem(problem: RunProblem): string {
  if ('refusal' in problem) return refuse(problem.refusal, problem.details).message;
  return say(`source.${problem.code}` as Text, problem.values);
}
