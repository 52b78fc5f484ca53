import { type DirectoryAddress, openDirectory } from '../../platform/ldap.ts';
import { isAttributeName, partsOf } from '../../platform/ldap-names.ts';
import type { Connector, ConnectorField, Reaching, Settings } from './connector.ts';
import { type Dialect, ldapSession } from './ldap-session.ts';
import { asConnectorError } from './ldap-words.ts';

/** Settings that every make of directory has. */
export const connectionFields: readonly ConnectorField[] = [
  { key: 'host', label: 'Host', kind: 'address', required: true, help: 'Its name as in its certificate.' },
  { key: 'port', label: 'Port', kind: 'number', usual: '636' },
  {
    key: 'security',
    label: 'Encryption',
    kind: 'one-of',
    choices: ['tls', 'starttls', 'clear'],
    choiceLabels: { tls: 'TLS', starttls: 'StartTLS', clear: 'None' },
    usual: 'tls',
    help: 'Without encryption only where the operator of this server allows that host.',
  },
  {
    key: 'trust',
    label: 'Certificate authority',
    kind: 'long-text',
    help: 'PEM, when its certificate is signed by an authority of your own.',
  },
  {
    key: 'account',
    label: 'Our account there',
    kind: 'text',
    required: true,
    help: 'The name of its entry, such as cn=remit,dc=example,dc=org. Give it the rights it needs and no more.',
  },
];

export const secretFields: readonly ConnectorField[] = [
  { key: 'password', label: 'Password of our account', kind: 'text', required: true },
];

export const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(/[\s,]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

export type Wrong = { field: string; text: string };

export function checkConnection(settings: Settings): Wrong[] {
  const wrong: Wrong[] = [];
  const port = settings.port ?? '';
  if ((settings.host ?? '') === '') wrong.push({ field: 'host', text: 'Give the host of the directory.' });
  if (port !== '' && !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65536))
    wrong.push({ field: 'port', text: 'Give a port number, or nothing.' });
  if (!['', 'tls', 'starttls', 'clear'].includes(settings.security ?? ''))
    wrong.push({ field: 'security', text: 'Choose tls, starttls or clear.' });
  const trust = settings.trust ?? '';
  if (trust !== '' && !/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(trust))
    wrong.push({ field: 'trust', text: 'Give certificates as PEM, or nothing.' });
  if ((settings.account ?? '') === '')
    wrong.push({ field: 'account', text: 'Give the name of our account there.' });
  return wrong;
}

/** @param names settings that name an entry; those that may be left out end in a question mark */
export const checkNames = (settings: Settings, names: readonly string[]): Wrong[] =>
  names.flatMap((name) => {
    const field = name.replace('?', '');
    const text = settings[field] ?? '';
    if (text === '' && name.endsWith('?')) return [];
    return (partsOf(text)?.length ?? 0) > 0
      ? []
      : [{ field, text: 'Give the name of an entry, such as ou=people,dc=example,dc=org.' }];
  });

export const checkAttributes = (settings: Settings, names: readonly string[]): Wrong[] =>
  names.flatMap((field) =>
    listOf(settings[field]).every((name) => isAttributeName(name) && !untouched.has(name.toLowerCase()))
      ? []
      : [{ field, text: 'Give names of attributes, and none that Remit looks after by itself.' }],
  );

/** What the connector itself writes, or what gives rights: no mapping reaches these. */
const untouched = new Set([
  'objectclass',
  'userpassword',
  'unicodepwd',
  'member',
  'uniquemember',
  'memberof',
  'useraccountcontrol',
  'primarygroupid',
  'admincount',
  'sidhistory',
  'objectsid',
  'objectguid',
  'entryuuid',
  'serviceprincipalname',
  'msds-allowedtodelegateto',
  'shadowexpire',
  'pwdaccountlockedtime',
  'pwdpolicysubentry',
  'uidnumber',
  'gidnumber',
]);

function addressOf(settings: Settings): DirectoryAddress {
  const security = (settings.security || 'tls') as DirectoryAddress['security'];
  return {
    host: settings.host ?? '',
    port: Number(settings.port || (security === 'tls' ? 636 : 389)),
    security,
    trust: settings.trust || undefined,
  };
}

/** Signs in, and speaks one make's dialect from then on. */
export const opener =
  (dialect: (settings: Settings) => Dialect): Connector['open'] =>
  async (settings: Settings, secrets: Settings, { sockets, deadline, roles }: Reaching) => {
    try {
      const as = { dn: settings.account ?? '', password: secrets.password ?? '' };
      const directory = await openDirectory(addressOf(settings), as, sockets, deadline);
      return ldapSession(directory, dialect(settings), roles);
    } catch (error) {
      throw asConnectorError(error);
    }
  };

/** Values that a setting adds to those that are known. */
export const moreValues = (settings: Settings): ConnectorField[] =>
  listOf(settings.values).map((key) => ({ key, label: key, kind: 'text', many: true }));
