import { closing } from './closing.ts';
import { type Connector, ConnectorError, type Description, type Settings } from './connector.ts';
import { changedTogether, type DropFile, readDrop } from './csv-file.ts';
import { wrongByForm } from './settings-check.ts';

/**
 * Keeps a file of accounts that another system fetches: one row an account, whole after every change. It stands in the
 * folder that the operator set aside (`REMIT_DROP_DIR`), below the name that the settings give.
 */
const description: Description = {
  name: 'csv',
  label: 'CSV file',
  settings: [
    {
      key: 'folder',
      label: 'Folder',
      kind: 'text',
      required: true,
      help: 'Small letters, digits and hyphens; accounts.csv stands in it',
    },
    { key: 'columns', label: 'Columns', kind: 'text', required: true, help: 'With commas between' },
    {
      key: 'separator',
      label: 'Separator',
      kind: 'one-of',
      choices: ['comma', 'semicolon', 'tab'],
      choiceLabels: { comma: 'Comma', semicolon: 'Semicolon', tab: 'Tab' },
      usual: 'comma',
    },
    {
      key: 'formulas',
      label: 'What a spreadsheet would take for a formula',
      kind: 'one-of',
      choices: ['quoted', 'as it is'],
      choiceLabels: { quoted: 'Quoted', 'as it is': 'As it is' },
      usual: 'quoted',
      help: 'Quoted: an apostrophe is put before it',
    },
  ],
  secrets: [],
  values: [],
  can: {
    find: true,
    createIsIdempotent: true,
    disable: true,
    delete: true,
    roles: true,
    list: 'whole',
    passwords: [],
  },
};

const own = ['id', 'enabled', 'roles'];

export const csvConnector: Connector = {
  description,
  declared: (settings) => ({
    values: columnsOf(settings).map((key) => ({ key, label: key, kind: 'text' as const })),
    can: description.can,
  }),
  check(settings) {
    const wrong = wrongByForm(
      description.settings.filter(({ key }) => key !== 'folder' && key !== 'columns'),
      settings,
    );
    if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(settings.folder ?? ''))
      wrong.push({
        field: 'folder',
        text: 'A folder is named by small letters, digits and hyphens, 60 at most.',
      });
    const columns = columnsOf(settings);
    if (columns.length === 0) wrong.push({ field: 'columns', text: 'Name at least one column.' });
    for (const column of columns)
      if (!/^[A-Za-z][A-Za-z0-9_. -]{0,63}$/.test(column) || own.includes(column.toLowerCase()))
        wrong.push({
          field: 'columns',
          text: `“${column}” cannot be a column: use letters, digits, spaces, dots, hyphens and underscores, and none of ${own.join(', ')}.`,
        });
    if (new Set(columns).size < columns.length)
      wrong.push({ field: 'columns', text: 'A column is named twice.' });
    return wrong;
  },
  async open(settings, _secrets, { dropFolder, deadline }) {
    const [wrong] = this.check(settings);
    if (wrong) throw new ConnectorError('bad-settings', wrong.text);
    if (!dropFolder)
      throw new ConnectorError('bad-settings', 'This server has no folder for files: set REMIT_DROP_DIR.');
    const file: DropFile = {
      folder: `${dropFolder}/${settings.folder}`,
      columns: columnsOf(settings),
      separator: { semicolon: ';', tab: '\t' }[settings.separator ?? ''] ?? ',',
      quoted: settings.formulas !== 'as it is',
    };
    const change = changedTogether(file, deadline);
    const absent = (): never => {
      throw new ConnectorError('absent', 'The file has no such row any more.');
    };
    const checked = (values: Readonly<Record<string, unknown>>): Record<string, string | null> =>
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => {
          if (!file.columns.includes(key))
            throw new ConnectorError('bad-settings', `The column ${key} is not among those of the file.`);
          if (Array.isArray(value))
            throw new ConnectorError('refused', `The column ${key} takes one value, not several.`);
          return [key, value === null || value === '' ? null : String(value)];
        }),
      );
    return closing(
      {
        async test() {
          await change(() => {});
          return [{ level: 'good', text: `The file can be written: ${settings.folder}/accounts.csv.` }];
        },
        async list() {
          const rows = await readDrop(file);
          return { seen: [...rows.values()], whole: true, total: rows.size };
        },
        read: async (id) => (await readDrop(file)).get(id),
        find: async (correlation) => (await readDrop(file)).get(correlation),
        async create({ correlation, enabled, values, roles }) {
          for (const role of roles) refuseSemicolon(role);
          const row = {
            ...Object.fromEntries(file.columns.map((column) => [column, null])),
            ...checked(values),
          };
          const seen = {
            id: correlation,
            correlation,
            enabled,
            values: row,
            roles: [...new Set(roles)].sort(),
          };
          await change((rows) => {
            rows.set(correlation, seen);
          });
          return seen;
        },
        async update(id, { values, rolesAdded, rolesRemoved }) {
          for (const role of rolesAdded) refuseSemicolon(role);
          const row = checked(values);
          await change((rows) => {
            const before = rows.get(id) ?? absent();
            const roles = new Set([...(before.roles ?? []), ...rolesAdded]);
            for (const role of rolesRemoved) roles.delete(role);
            rows.set(id, { ...before, values: { ...before.values, ...row }, roles: [...roles].sort() });
          });
        },
        enable: (id) =>
          change((rows) => {
            rows.set(id, { ...(rows.get(id) ?? absent()), enabled: true });
          }),
        disable: (id) =>
          change((rows) => {
            const before = rows.get(id);
            if (before) rows.set(id, { ...before, enabled: false });
          }),
        delete: (id) =>
          change((rows) => {
            rows.delete(id);
          }),
        ensureRole: async (name) => {
          refuseSemicolon(name);
          return name;
        },
        setPassword: async () => {
          throw new ConnectorError('bad-settings', 'A file takes no passwords.');
        },
        async close() {},
      },
      deadline,
    );
  },
};

function refuseSemicolon(role: string): void {
  if (role.includes(';'))
    throw new ConnectorError(
      'refused',
      'A role in the file has no semicolon in its name: it stands between roles.',
    );
}

const columnsOf = ({ columns = '' }: Settings): string[] =>
  columns
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
