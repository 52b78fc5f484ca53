import { closing } from './closing.ts';
import type { Connector, Description, Settings } from './connector.ts';
import { ConnectorError } from './connector.ts';
import { wrongByForm } from './settings-check.ts';
import { accountsIn, type Layout } from './sql-accounts.ts';
import { openLink } from './sql-link.ts';

/**
 * Looks after rows of a table as accounts, in PostgreSQL and MariaDB: for applications whose people stand in a table of
 * their own. Names of tables and columns come from settings, and are letters, digits and underscores; values go as
 * parameters.
 */
const description: Description = {
  name: 'sql',
  label: 'Database table',
  settings: [
    {
      key: 'kind',
      label: 'Database',
      kind: 'one-of',
      choices: ['postgresql', 'mariadb'],
      choiceLabels: { postgresql: 'PostgreSQL', mariadb: 'MariaDB' },
      required: true,
    },
    { key: 'host', label: 'Host', kind: 'text', required: true },
    { key: 'port', label: 'Port', kind: 'number', help: '5432 or 3306 where nothing is said' },
    { key: 'database', label: 'Name of the database', kind: 'text', required: true },
    { key: 'user', label: 'User name', kind: 'text', required: true },
    {
      key: 'encryption',
      label: 'Encryption',
      kind: 'one-of',
      choices: ['tls', 'none'],
      choiceLabels: { tls: 'TLS', none: 'None' },
      usual: 'tls',
    },
    { key: 'trust', label: 'Certificate that is trusted (PEM)', kind: 'long-text' },
    { key: 'table', label: 'Table of accounts', kind: 'text', required: true },
    {
      key: 'correlation',
      label: 'Column by which accounts are known again',
      kind: 'text',
      required: true,
      help: 'Text, unique',
    },
    {
      key: 'columns',
      label: 'Columns that are looked after',
      kind: 'text',
      required: true,
      help: 'With commas between',
    },
    { key: 'enabled', label: 'Column that says whether it is on', kind: 'text' },
    { key: 'enabledWhen', label: 'What stands there when it is on', kind: 'text', usual: 'true' },
    { key: 'disabledWhen', label: 'What stands there when it is off', kind: 'text', usual: 'false' },
    { key: 'passwordColumn', label: 'Column of the password', kind: 'text' },
    {
      key: 'passwordForm',
      label: 'How the password stands there',
      kind: 'one-of',
      choices: ['bcrypt', 'argon2id', 'ssha512'],
      usual: 'argon2id',
    },
    { key: 'roleTable', label: 'Table of roles', kind: 'text' },
    {
      key: 'roleAccount',
      label: 'Its column of the account',
      kind: 'text',
      help: 'Holds what accounts are known by',
    },
    { key: 'roleName', label: 'Its column of the role', kind: 'text' },
  ],
  secrets: [{ key: 'password', label: 'Password', kind: 'text', required: true }],
  values: [],
  can: {
    find: true,
    createIsIdempotent: false,
    disable: true,
    delete: true,
    roles: true,
    list: 'whole',
    passwords: ['bcrypt', 'argon2id', 'ssha512'],
  },
};

const identifier = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
const tableName = /^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$/;

export const sqlConnector: Connector = {
  description,
  declared(settings) {
    const layout = layoutOf(settings);
    return {
      values: layout.columns.map((key) => ({ key, label: key, kind: 'text' as const })),
      can: {
        ...description.can,
        disable: layout.enabled !== undefined,
        roles: layout.roles !== undefined,
        passwords: layout.password ? [layout.password.form] : [],
      },
    };
  },
  check(settings) {
    const wrong = wrongByForm(
      description.settings.filter(({ key }) => key !== 'columns'),
      settings,
    );
    const names: [string, RegExp][] = [
      ['table', tableName],
      ['roleTable', tableName],
      ['correlation', identifier],
      ['enabled', identifier],
      ['passwordColumn', identifier],
      ['roleAccount', identifier],
      ['roleName', identifier],
    ];
    for (const [field, form] of names) {
      const value = settings[field];
      if (value && !form.test(value))
        wrong.push({
          field,
          text: `“${value}” is not a name of letters, digits and underscores, 63 at most, that begins with no digit.`,
        });
    }
    const columns = listed(settings.columns);
    for (const column of columns)
      if (!identifier.test(column))
        wrong.push({
          field: 'columns',
          text: `“${column}” is not a name of letters, digits and underscores.`,
        });
    if (columns.length === 0) wrong.push({ field: 'columns', text: 'Name at least one column.' });
    const taken = [settings.correlation, settings.enabled, settings.passwordColumn].filter(Boolean);
    for (const column of columns)
      if (taken.includes(column))
        wrong.push({
          field: 'columns',
          text: `“${column}” is looked after already, by a setting of its own.`,
        });
    if (settings.roleTable && !(settings.roleAccount && settings.roleName))
      wrong.push({ field: 'roleTable', text: 'A table of roles needs its columns of account and role.' });
    if (/^\d+$/.test(settings.port ?? '') && !(Number(settings.port) >= 1 && Number(settings.port) <= 65_535))
      wrong.push({ field: 'port', text: 'A port is a number from 1 to 65535.' });
    return wrong;
  },
  async open(settings, secrets, reaching) {
    const [wrong] = this.check(settings);
    if (wrong) throw new ConnectorError('bad-settings', wrong.text);
    const kind = settings.kind === 'mariadb' ? 'mariadb' : 'postgresql';
    const link = await openLink(
      {
        kind,
        host: settings.host ?? '',
        port: Number(settings.port || (kind === 'mariadb' ? 3306 : 5432)),
        database: settings.database ?? '',
        user: settings.user ?? '',
        password: secrets.password ?? '',
        encrypted: settings.encryption !== 'none',
        trust: settings.trust || undefined,
      },
      reaching,
    );
    try {
      if (kind === 'postgresql') await refuseOurOwn(link.query);
    } catch (error) {
      await link.close();
      throw error;
    }
    return closing(accountsIn(link, layoutOf(settings), kind), reaching.deadline);
  },
};

/** Whoever may set up a target must not thereby write into the instance that says who may set one up. */
async function refuseOurOwn(query: Awaited<ReturnType<typeof openLink>>['query']): Promise<void> {
  const { rows } = await query(
    `select count(*) = 2 as ours from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where (n.nspname, c.relname) in (('public', 'delegation'), ('pgboss', 'job_common'))`,
    [],
    false,
  );
  if (rows[0]?.ours === true)
    throw new ConnectorError('bad-settings', 'That is the database of this instance itself: choose another.');
}

function layoutOf(settings: Settings): Layout {
  return {
    table: settings.table ?? '',
    correlation: settings.correlation ?? '',
    columns: listed(settings.columns),
    enabled: settings.enabled
      ? {
          column: settings.enabled,
          on: settings.enabledWhen || 'true',
          off: settings.disabledWhen || 'false',
        }
      : undefined,
    password: settings.passwordColumn
      ? {
          column: settings.passwordColumn,
          form:
            settings.passwordForm === 'bcrypt' || settings.passwordForm === 'ssha512'
              ? settings.passwordForm
              : 'argon2id',
        }
      : undefined,
    roles:
      settings.roleTable && settings.roleAccount && settings.roleName
        ? { table: settings.roleTable, account: settings.roleAccount, name: settings.roleName }
        : undefined,
  };
}

const listed = (text = ''): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
