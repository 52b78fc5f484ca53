import { type Directory, type DirectoryEntry, equals } from '../../platform/ldap.ts';
import { isWithin } from '../../platform/ldap-names.ts';
import { LdapError } from '../../platform/ldap-wire.ts';
import type { Connector, ConnectorField, Finding, PasswordForm, Settings } from './connector.ts';
import type { Dialect } from './ldap-session.ts';
import {
  checkAttributes,
  checkConnection,
  checkNames,
  connectionFields,
  listOf,
  moreValues,
  opener,
  secretFields,
  type Wrong,
} from './ldap-settings.ts';
import { refused } from './ldap-values.ts';

/**
 * Directories as OpenLDAP is: people are inetOrgPerson (RFC 2798) or what the settings say, roles are groups of names.
 * Such a directory has no switch of its own for an account, so the settings say what stands for one.
 */
const values: readonly ConnectorField[] = [
  { key: 'uid', label: 'User name (uid)', kind: 'text', required: true },
  { key: 'cn', label: 'Name (cn)', kind: 'text', required: true },
  { key: 'sn', label: 'Family name (sn)', kind: 'text', required: true },
  { key: 'givenName', label: 'Given name', kind: 'text' },
  { key: 'displayName', label: 'Name as shown', kind: 'text' },
  { key: 'mail', label: 'Mail addresses', kind: 'text', many: true },
  { key: 'telephoneNumber', label: 'Telephone numbers', kind: 'text', many: true },
  { key: 'mobile', label: 'Mobile numbers', kind: 'text', many: true },
  { key: 'title', label: 'Title', kind: 'text' },
  { key: 'ou', label: 'Units (ou)', kind: 'text', many: true },
  { key: 'o', label: 'Organization (o)', kind: 'text' },
  { key: 'departmentNumber', label: 'Department', kind: 'text' },
  { key: 'employeeType', label: 'Kind of employment', kind: 'text' },
  { key: 'preferredLanguage', label: 'Language', kind: 'text' },
];

const settingsFields: readonly ConnectorField[] = [
  ...connectionFields,
  { key: 'base', label: 'Base of people', kind: 'text', required: true },
  { key: 'groupBase', label: 'Base of groups', kind: 'text', help: 'Without it no groups are looked after.' },
  { key: 'objectClasses', label: 'Object classes of people', kind: 'text', usual: 'inetOrgPerson' },
  { key: 'naming', label: 'Attribute that names an entry', kind: 'text', usual: 'uid' },
  {
    key: 'correlation',
    label: 'Attribute for our correlation',
    kind: 'text',
    usual: 'employeeNumber',
    help: 'Remit writes it and knows an account by it; nobody else may. Let the server index it, and entryUUID.',
  },
  { key: 'values', label: 'Further attributes', kind: 'text', help: 'Names, separated by commas.' },
  {
    key: 'disabling',
    label: 'What switches an account off',
    kind: 'one-of',
    choices: ['lock', 'move', 'expire'],
    choiceLabels: {
      lock: 'A lock',
      move: 'Moving it to another base',
      expire: 'A day on which it expires',
    },
    usual: 'lock',
    help: 'A lock is pwdAccountLockedTime, with the password policy overlay and pwdLockout. A day is shadowExpire, for what asks for it.',
  },
  { key: 'disabledBase', label: 'Base of people who are switched off', kind: 'text' },
  {
    key: 'groupClass',
    label: 'Object class of groups',
    kind: 'one-of',
    choices: ['groupOfNames', 'groupOfUniqueNames'],
    usual: 'groupOfNames',
  },
  {
    key: 'placeholder',
    label: 'Who is in every group',
    kind: 'text',
    help: 'Such a group may not be empty. cn=nobody below the base of groups, when nothing is said; no such entry is needed.',
  },
];

export const ldapConnector: Connector = {
  description: {
    name: 'ldap',
    label: 'LDAP directory (OpenLDAP and the like)',
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
      passwords: ['clear', 'ssha512', 'argon2id'],
    },
  },
  check(settings) {
    const wrong: Wrong[] = [
      ...checkConnection(settings),
      ...checkNames(settings, ['base', 'groupBase?', 'disabledBase?', 'placeholder?']),
      ...checkAttributes(settings, ['naming', 'correlation', 'values']),
    ];
    const disabling = settings.disabling || 'lock';
    if (!['lock', 'move', 'expire'].includes(disabling))
      wrong.push({ field: 'disabling', text: 'Choose lock, move or expire.' });
    if (disabling === 'move' && !settings.disabledBase)
      wrong.push({ field: 'disabledBase', text: 'Say where people are moved who are switched off.' });
    if (disabling === 'expire' && !classesOf(settings).some((name) => /^shadowAccount$/i.test(name)))
      wrong.push({ field: 'objectClasses', text: 'shadowExpire needs the object class shadowAccount.' });
    if (!['', 'groupOfNames', 'groupOfUniqueNames'].includes(settings.groupClass ?? ''))
      wrong.push({ field: 'groupClass', text: 'Choose groupOfNames or groupOfUniqueNames.' });
    const naming = settings.naming || 'uid';
    if (![...values, ...moreValues(settings)].some(({ key }) => key === naming))
      wrong.push({
        field: 'naming',
        text: 'The naming attribute must be one of the values, or of the further ones.',
      });
    return wrong;
  },
  open: opener(dialectOf),
};

const classesOf = (settings: Settings): string[] => listOf(settings.objectClasses || 'inetOrgPerson');

/** What the password policy takes for a lock without end (draft-behera-ldap-password-policy, section 5.3.3). */
const locked = '000001010000Z';
/** The second day of all time: long over, and nobody's own. */
const expired = '1';

function dialectOf(settings: Settings): Dialect {
  const disabling = settings.disabling || 'lock';
  const base = settings.base!;
  const disabledBase = disabling === 'move' ? settings.disabledBase! : undefined;
  const groupClass = settings.groupClass || 'groupOfNames';
  const mark =
    disabling === 'expire'
      ? { attribute: 'shadowExpire', value: expired }
      : { attribute: 'pwdAccountLockedTime', value: locked };
  const isMarked = (entry: DirectoryEntry): boolean =>
    !!entry.values[mark.attribute.toLowerCase()]?.includes(mark.value);
  const isEnabled = (entry: DirectoryEntry): boolean =>
    disabledBase === undefined ? !isMarked(entry) : !isWithin(entry.dn, disabledBase);
  const correlation = settings.correlation || 'employeeNumber';
  return {
    base,
    homes: disabledBase === undefined ? [base] : [base, disabledBase],
    otherBases: disabledBase === undefined || isWithin(disabledBase, base) ? [] : [disabledBase],
    fields: [...values, ...moreValues(settings)],
    naming: settings.naming || 'uid',
    correlation,
    isAccount: equals('objectClass', classesOf(settings)[0]!),
    id: {
      attribute: 'entryUUID',
      filter: (id) => (/^[0-9a-f-]{36}$/i.test(id) ? equals('entryUUID', id) : undefined),
      of: (entry) => entry.values.entryuuid?.[0],
    },
    reads: disabledBase === undefined ? [mark.attribute] : [],
    isEnabled,
    fresh: (enabled) => ({
      attributes: {
        objectClass: classesOf(settings),
        ...(enabled || disabledBase !== undefined ? {} : { [mark.attribute]: [mark.value] }),
      },
      base: enabled ? base : (disabledBase ?? base),
    }),
    switched: (_entry, on) =>
      disabledBase === undefined
        ? { changes: [{ how: 'replace', attribute: mark.attribute, values: on ? [] : [mark.value] }] }
        : { changes: [], below: on ? base : disabledBase },
    setPassword: async (directory, entry, form, value) => {
      await sendPassword(directory, entry.dn, form, value);
      // The policy takes a new password for the end of every lock.
      if (disabling === 'lock' && !isEnabled(entry))
        await directory.modify(entry.dn, [
          { how: 'replace', attribute: mark.attribute, values: [mark.value] },
        ]);
    },
    groups: settings.groupBase
      ? {
          base: settings.groupBase,
          objectClass: groupClass,
          member: groupClass === 'groupOfNames' ? 'member' : 'uniqueMember',
          fresh: () => ({}),
          placeholder: settings.placeholder || `cn=nobody,${settings.groupBase}`,
        }
      : undefined,
    test: (directory) =>
      testSchema(directory, [
        correlation,
        ...(disabledBase === undefined ? [mark.attribute] : []),
        ...moreValues(settings).map(({ key }) => key),
      ]),
  };
}

const modifyPassword = '1.3.6.1.4.1.4203.1.11.1';

/** Whatever the form, only through an encrypted connection: a hash is worth a guess. */
async function sendPassword(
  directory: Directory,
  dn: string,
  form: PasswordForm,
  value: string,
): Promise<void> {
  if (!directory.encrypted) throw new LdapError('not-encrypted');
  const root = await directory.root();
  if (form === 'clear' && root.values.supportedextension?.includes(modifyPassword))
    return await directory.setPassword(dn, value);
  const stored =
    form === 'clear'
      ? value
      : form === 'ssha512' && /^\{SSHA512\}[A-Za-z0-9+/=]+$/.test(value)
        ? value
        : form === 'argon2id' && value.startsWith('$argon2id$')
          ? `{ARGON2}${value}`
          : undefined;
  if (stored === undefined) throw refused('A directory takes no password in this form.');
  await directory.modify(dn, [{ how: 'replace', attribute: 'userPassword', values: [stored] }]);
}

/** Which of these attributes the directory does not know. */
async function testSchema(directory: Directory, names: readonly string[]): Promise<Finding[]> {
  const [schema] = (await directory.root()).values.subschemasubentry ?? [];
  const { entries } = schema
    ? await directory.search({
        base: schema,
        scope: 'base',
        filter: equals('objectClass', 'subschema'),
        attributes: ['attributeTypes'],
      })
    : { entries: [] };
  const known = new Set(
    (entries[0]?.values.attributetypes ?? []).flatMap((text) =>
      [...(/NAME (?:'([^']+)'|\(([^)]*)\))/.exec(text)?.slice(1) ?? [])]
        .flatMap((part) => part?.match(/[A-Za-z][A-Za-z0-9-]*/g) ?? [])
        .map((name) => name.toLowerCase()),
    ),
  );
  if (known.size === 0)
    return [{ level: 'doubt', text: 'Our account may not read the schema of the directory.' }];
  return names
    .filter((name) => !known.has(name.toLowerCase()))
    .map((name) => ({ level: 'bad', text: `The directory does not know the attribute ${name}.` }));
}
