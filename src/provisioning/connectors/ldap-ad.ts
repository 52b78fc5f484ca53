import { randomBytes } from 'node:crypto';
import { allOf, type Directory, type DirectoryEntry, equals, resultCode } from '../../platform/ldap.ts';
import { LdapError } from '../../platform/ldap-wire.ts';
import type { Connector, ConnectorField, Finding, PasswordForm, Settings } from './connector.ts';
import type { Dialect } from './ldap-session.ts';
import {
  checkAttributes,
  checkConnection,
  checkNames,
  connectionFields,
  moreValues,
  opener,
  secretFields,
  type Wrong,
} from './ldap-settings.ts';
import { refused } from './ldap-values.ts';
import { answeredWith } from './ldap-words.ts';

/**
 * Active Directory, of Microsoft and of Samba: accounts are switched by a bit of userAccountControl, passwords go by
 * unicodePwd through encrypted connections only, and the server keeps both ends of a group's membership.
 */
const values: readonly ConnectorField[] = [
  { key: 'sAMAccountName', label: 'User name (sAMAccountName)', kind: 'text', required: true },
  { key: 'cn', label: 'Name of the entry (cn)', kind: 'text', required: true, help: 'Once below the base.' },
  { key: 'userPrincipalName', label: 'Sign-in name (userPrincipalName)', kind: 'text' },
  { key: 'givenName', label: 'Given name', kind: 'text' },
  { key: 'sn', label: 'Family name', kind: 'text' },
  { key: 'displayName', label: 'Name as shown', kind: 'text' },
  { key: 'mail', label: 'Mail address', kind: 'text' },
  { key: 'proxyAddresses', label: 'Further mail addresses', kind: 'text', many: true },
  { key: 'telephoneNumber', label: 'Telephone number', kind: 'text' },
  { key: 'otherTelephone', label: 'Further telephone numbers', kind: 'text', many: true },
  { key: 'mobile', label: 'Mobile number', kind: 'text' },
  { key: 'title', label: 'Title', kind: 'text' },
  { key: 'department', label: 'Department', kind: 'text' },
  { key: 'company', label: 'Company', kind: 'text' },
  { key: 'physicalDeliveryOfficeName', label: 'Office', kind: 'text' },
  { key: 'employeeID', label: 'Personnel number', kind: 'text' },
  { key: 'description', label: 'Description', kind: 'text' },
];

const settingsFields: readonly ConnectorField[] = [
  ...connectionFields.map((field) =>
    field.key === 'security'
      ? { ...field, choices: ['tls', 'starttls'], help: 'It takes passwords in no other way.' }
      : field,
  ),
  { key: 'base', label: 'Base of people', kind: 'text', required: true, help: 'OU=People,DC=example,DC=org' },
  { key: 'groupBase', label: 'Base of groups', kind: 'text', help: 'Without it no groups are looked after.' },
  {
    key: 'correlation',
    label: 'Attribute for our correlation',
    kind: 'text',
    usual: 'employeeNumber',
    help: 'Remit writes it and knows an account by it; nobody else may. Let the server index it.',
  },
  { key: 'values', label: 'Further attributes', kind: 'text', help: 'Names, separated by commas.' },
];

export const activeDirectoryConnector: Connector = {
  description: {
    name: 'ad',
    label: 'Active Directory (Microsoft, Samba)',
    settings: settingsFields,
    secrets: secretFields,
    values,
    can: {
      find: true,
      createIsIdempotent: false,
      disable: true,
      delete: true,
      roles: true,
      list: 'whole',
      passwords: ['clear'],
    },
  },
  check: (settings): Wrong[] => [
    ...checkConnection(settings),
    ...(settings.security === 'clear' ? [{ field: 'security', text: 'Choose tls or starttls.' }] : []),
    ...checkNames(settings, ['base', 'groupBase?']),
    ...checkAttributes(settings, ['correlation', 'values']),
  ],
  open: opener(dialectOf),
};

/** Bits of userAccountControl. */
const normalAccount = 512;
const accountDisable = 2;

/** What Windows NT could not have in the name of an account (MS-SAMR, section 3.1.1.6). */
const notInAccountName = /["/\\[\]:;|=,+*?<>@]|\p{Cc}|\.$|^\s*$/u;

const controlOf = ({ values }: DirectoryEntry): number =>
  Number(values.useraccountcontrol?.[0] ?? normalAccount);

function dialectOf(settings: Settings): Dialect {
  const base = settings.base!;
  return {
    homes: [base],
    base,
    otherBases: [],
    fields: [...values, ...moreValues(settings)],
    naming: 'cn',
    correlation: settings.correlation || 'employeeNumber',
    isAccount: allOf(equals('objectCategory', 'person'), equals('objectClass', 'user')),
    id: {
      attribute: 'objectGUID',
      binary: true,
      filter: (id) => {
        const bytes = guidBytes(id);
        return bytes && equals('objectGUID', bytes);
      },
      of: ({ bytes }) => bytes.objectguid?.[0] && guidText(bytes.objectguid[0]),
    },
    reads: ['userAccountControl'],
    wrongWith: (key, text) =>
      key === 'sAMAccountName' && (text.length > 20 || notInAccountName.test(text))
        ? 'sAMAccountName has 20 characters at most, and none of "/\\[]:;|=,+*?<>@.'
        : undefined,
    isEnabled: (entry) => (controlOf(entry) & accountDisable) === 0,
    // Somebody who is switched on must have a password; nobody knows this one.
    fresh: (enabled) => ({
      attributes: {
        objectClass: ['top', 'person', 'organizationalPerson', 'user'],
        userAccountControl: [String(normalAccount | (enabled ? 0 : accountDisable))],
        unicodePwd: [quoted(`aA1!${randomBytes(30).toString('base64')}`)],
      },
      base,
    }),
    switched: (entry, on) => ({
      changes: [
        {
          how: 'replace',
          attribute: 'userAccountControl',
          values: [String(on ? controlOf(entry) & ~accountDisable : controlOf(entry) | accountDisable)],
        },
      ],
    }),
    setPassword: sendPassword,
    groups: settings.groupBase
      ? {
          base: settings.groupBase,
          objectClass: 'group',
          member: 'member',
          memberOf: 'memberOf',
          fresh: (name) => ({
            // A security group of the whole domain.
            groupType: ['-2147483646'],
            ...(notInAccountName.test(name) ? {} : { sAMAccountName: [name] }),
          }),
        }
      : undefined,
    test: testMake,
  };
}

/** MS-ADTS, section 3.1.1.3.1.5.1. */
const quoted = (password: string): Buffer => Buffer.from(`"${password}"`, 'utf16le');

async function sendPassword(
  directory: Directory,
  { dn }: DirectoryEntry,
  form: PasswordForm,
  value: string,
): Promise<void> {
  if (!directory.encrypted) throw new LdapError('not-encrypted');
  if (form !== 'clear') throw refused('Active Directory takes a password only as it is.');
  try {
    await directory.modify(dn, [{ how: 'replace', attribute: 'unicodePwd', values: [quoted(value)] }]);
  } catch (error) {
    if (answeredWith(error, resultCode.unwillingToPerform, resultCode.constraintViolation))
      throw refused('Active Directory does not take this password: its policy asks for another.');
    throw error;
  }
}

/** Says that the server is an Active Directory (MS-ADTS, section 3.1.1.3.4.3). */
const activeDirectory = '1.2.840.113556.1.4.800';

async function testMake(directory: Directory): Promise<Finding[]> {
  const { values } = await directory.root();
  return values.supportedcapabilities?.includes(activeDirectory)
    ? [{ level: 'good', text: 'The server is an Active Directory.' }]
    : [{ level: 'doubt', text: 'The server does not say that it is an Active Directory.' }];
}

/** The first three parts stand the other way round (MS-DTYP, section 2.3.4). */
const swapped = (bytes: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(bytes.subarray(0, 4)).reverse(),
    Buffer.from(bytes.subarray(4, 6)).reverse(),
    Buffer.from(bytes.subarray(6, 8)).reverse(),
    bytes.subarray(8),
  ]);

export function guidText(bytes: Buffer): string | undefined {
  if (bytes.length !== 16) return undefined;
  const hex = swapped(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function guidBytes(text: string): Buffer | undefined {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return undefined;
  return swapped(Buffer.from(text.replaceAll('-', ''), 'hex'));
}
