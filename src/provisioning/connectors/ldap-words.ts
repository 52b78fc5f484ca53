import { resultCode } from '../../platform/ldap.ts';
import { LdapError, type LdapProblem } from '../../platform/ldap-wire.ts';
import { ConnectorError, type ConnectorProblem } from './connector.ts';

const hindered: Record<Exclude<LdapProblem, 'answered'>, [ConnectorProblem, string]> = {
  unreachable: ['unreachable', 'The directory does not answer, or ended the connection.'],
  timeout: ['unreachable', 'The directory did not answer in time.'],
  'no-trust': [
    'no-trust',
    'The certificate of the directory is not to be trusted: unknown issuer, another name, or out of date.',
  ],
  'not-encrypted': [
    'no-trust',
    'The connection would not be encrypted, so nothing secret was sent. Use TLS or StartTLS.',
  ],
  'not-allowed': ['not-allowed', 'The operator of this server does not allow connections to that address.'],
  nonsense: ['failing', 'The directory answered something that was not asked for, or that is too large.'],
};

const codes = resultCode;
const said: { codes: number[]; problem: ConnectorProblem; text: string }[] = [
  {
    codes: [codes.invalidCredentials, codes.inappropriateAuthentication],
    problem: 'no-permission',
    text: 'The directory does not take the name and password of our account there.',
  },
  {
    codes: [codes.strongerAuthRequired, codes.confidentialityRequired],
    problem: 'no-trust',
    text: 'The directory wants an encrypted connection.',
  },
  {
    codes: [codes.insufficientAccessRights],
    problem: 'no-permission',
    text: 'Our account in the directory lacks the right to do this.',
  },
  { codes: [codes.entryAlreadyExists], problem: 'exists', text: 'Such an entry is there already.' },
  { codes: [codes.busy], problem: 'slow-down', text: 'The directory is busy.' },
  {
    codes: [codes.noSuchObject],
    problem: 'bad-settings',
    text: 'The directory has no entry of that name: look at the base of people and of groups.',
  },
  {
    codes: [codes.referral],
    problem: 'bad-settings',
    text: 'Another server is responsible for this part of the directory; give its address instead.',
  },
  {
    codes: [codes.undefinedAttributeType, codes.objectClassViolation],
    problem: 'refused',
    text: 'The directory does not know a value, misses one, or does not have it with these object classes.',
  },
  {
    codes: [
      codes.invalidAttributeSyntax,
      codes.constraintViolation,
      codes.invalidDnSyntax,
      codes.namingViolation,
      codes.unwillingToPerform,
      codes.noSuchAttribute,
      codes.attributeOrValueExists,
    ],
    problem: 'refused',
    text: 'The directory does not take a value.',
  },
];

/** What went wrong in the words of connectors; nothing of what the server said is quoted. */
export function asConnectorError(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (!(error instanceof LdapError)) throw error;
  const { problem, code, attribute, mayHaveHappened } = error;
  if (problem !== 'answered') {
    const [kind, text] = hindered[problem];
    return new ConnectorError(kind, text, { mayHaveHappened, cause: error });
  }
  const found = said.find(({ codes }) => codes.includes(code!));
  const about = attribute ? ` It names ${attribute}.` : '';
  return new ConnectorError(
    found?.problem ?? 'failing',
    `${found?.text ?? 'The directory answered with a fault of its own.'}${about}`,
    { status: `LDAP ${code}`, cause: error },
  );
}

/** Whether the directory answered with one of these codes. */
export const answeredWith = (error: unknown, ...codes: number[]): boolean =>
  error instanceof LdapError && error.problem === 'answered' && codes.includes(error.code!);
