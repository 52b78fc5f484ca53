import {
  type AccountValue,
  ConnectorError,
  type Finding,
  type Page,
  type PasswordForm,
  type Seen,
  type Session,
} from './connector.ts';
import type { SqlLink, SqlRows } from './sql-link.ts';

/** Where accounts stand in a database. Every name was checked before it came here. */
export type Layout = {
  table: string;
  correlation: string;
  columns: readonly string[];
  enabled: { column: string; on: string; off: string } | undefined;
  password: { column: string; form: PasswordForm } | undefined;
  roles: { table: string; account: string; name: string } | undefined;
};

const pageSize = 500;

/** Rows as accounts: the column by which they are known again is their id too. */
export function accountsIn(link: SqlLink, layout: Layout, kind: 'postgresql' | 'mariadb'): Session {
  const { quote, placeholder } = link.dialect;
  const table = quote(layout.table);
  const key = quote(layout.correlation);
  const shown = [
    layout.correlation,
    ...layout.columns,
    ...(layout.enabled ? [layout.enabled.column] : []),
  ].map(quote);
  // One connection: what belongs together is not mixed with what another account needs.
  let before: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = before.then(work, work);
    before = mine.catch(() => {});
    return mine;
  };
  const together = <T>(work: () => Promise<T>): Promise<T> =>
    alone(async () => {
      await link.query('begin', [], false);
      try {
        const done = await work();
        await link.query('commit', [], true);
        return done;
      } catch (error) {
        await link.query('rollback', [], false).catch(() => {});
        throw error;
      }
    });
  const change = (text: string, values: readonly unknown[]): Promise<SqlRows> =>
    link.query(text, values, true);
  const changeRole = async (how: 'add' | 'remove', id: string, role: string): Promise<void> => {
    const { roles } = layout;
    if (!roles) throw new ConnectorError('bad-settings', 'No table of roles was named.');
    const of = `${quote(roles.account)} = ${placeholder(1)} and ${quote(roles.name)} = ${placeholder(2)}`;
    if (how === 'remove') await change(`delete from ${quote(roles.table)} where ${of}`, [id, role]);
    else if (
      (await link.query(`select 1 as there from ${quote(roles.table)} where ${of}`, [id, role], false)).rows
        .length === 0
    )
      await change(
        `insert into ${quote(roles.table)} (${quote(roles.account)}, ${quote(roles.name)}) values (${placeholder(1)}, ${placeholder(2)})`,
        [id, role],
      );
  };
  const seenOf = async (rows: Record<string, unknown>[]): Promise<Seen[]> => {
    const roles = await rolesOf(
      link,
      layout,
      rows.map((row) => String(row[layout.correlation])),
    );
    return rows.map((row) => {
      const id = String(row[layout.correlation]);
      return {
        id,
        correlation: id,
        enabled: layout.enabled ? plain(row[layout.enabled.column]) === layout.enabled.on : true,
        values: Object.fromEntries(layout.columns.map((column) => [column, plain(row[column])])),
        roles: layout.roles ? (roles.get(id) ?? []) : undefined,
      };
    });
  };
  const read = (id: string): Promise<Seen | undefined> =>
    alone(async () => {
      const { rows } = await link.query(
        `select ${shown.join(', ')} from ${table} where ${key} = ${placeholder(1)}`,
        [id],
        false,
      );
      // A database that compares without case or accents finds somebody else too.
      return (await seenOf(rows)).find((seen) => seen.id === id);
    });
  const switched = (id: string, on: boolean, mustBeThere: boolean): Promise<void> =>
    alone(async () => {
      const { enabled } = layout;
      if (!enabled)
        throw new ConnectorError('bad-settings', 'No column was named that says whether an account is on.');
      const { changed } = await change(
        `update ${table} set ${quote(enabled.column)} = ${placeholder(1)} where ${key} = ${placeholder(2)}`,
        [on ? enabled.on : enabled.off, id],
      );
      if (changed === 0 && mustBeThere && !(await isThere(id))) throw absent();
    });
  const isThere = async (id: string): Promise<boolean> =>
    (await link.query(`select 1 as there from ${table} where ${key} = ${placeholder(1)}`, [id], false)).rows
      .length > 0;
  return {
    test: () => alone(() => findings(link, layout, kind)),
    list: (from) => alone(() => page(link, { table, key, shown }, from, seenOf)),
    read,
    find: read,
    create: (wanted) =>
      together(async () => {
        const row: [string, unknown][] = [
          [layout.correlation, wanted.correlation],
          ...stored(layout, wanted.values),
          ...(layout.enabled
            ? [
                [layout.enabled.column, wanted.enabled ? layout.enabled.on : layout.enabled.off] as [
                  string,
                  unknown,
                ],
              ]
            : []),
        ];
        await change(
          `insert into ${table} (${row.map(([column]) => quote(column)).join(', ')}) values (${row.map((_, n) => placeholder(n + 1)).join(', ')})`,
          row.map(([, value]) => value),
        );
        for (const role of wanted.roles) await changeRole('add', wanted.correlation, role);
        return { ...wanted, id: wanted.correlation };
      }),
    update: (id, { values, rolesAdded, rolesRemoved }) =>
      together(async () => {
        const row = stored(layout, values);
        if (row.length > 0) {
          const set = row.map(([column], n) => `${quote(column)} = ${placeholder(n + 1)}`).join(', ');
          const { changed } = await change(
            `update ${table} set ${set} where ${key} = ${placeholder(row.length + 1)}`,
            [...row.map(([, value]) => value), id],
          );
          // MariaDB counts rows that changed, not rows that fit.
          if (changed === 0 && !(await isThere(id))) throw absent();
        } else if (!(await isThere(id))) throw absent();
        for (const role of rolesAdded) await changeRole('add', id, role);
        for (const role of rolesRemoved) await changeRole('remove', id, role);
      }),
    enable: (id) => switched(id, true, true),
    disable: (id) => switched(id, false, false),
    delete: (id) =>
      together(async () => {
        if (layout.roles)
          await change(
            `delete from ${quote(layout.roles.table)} where ${quote(layout.roles.account)} = ${placeholder(1)}`,
            [id],
          );
        await change(`delete from ${table} where ${key} = ${placeholder(1)}`, [id]);
      }),
    ensureRole: async (name) => name,
    setPassword: (id, form, value) =>
      alone(async () => {
        if (form !== layout.password?.form)
          throw new ConnectorError('bad-settings', 'No column was named for a password of that form.');
        const { changed } = await change(
          `update ${table} set ${quote(layout.password.column)} = ${placeholder(1)} where ${key} = ${placeholder(2)}`,
          [value, id],
        );
        if (changed === 0 && !(await isThere(id))) throw absent();
      }),
    close: () => link.close(),
  };
}

const absent = (): ConnectorError => new ConnectorError('absent', 'It has no row of that account any more.');

function stored(layout: Layout, values: Readonly<Record<string, AccountValue>>): [string, unknown][] {
  return Object.entries(values).map(([column, value]) => {
    if (!layout.columns.includes(column))
      throw new ConnectorError(
        'bad-settings',
        `The column ${column} is not among those that are looked after.`,
      );
    if (Array.isArray(value))
      throw new ConnectorError('refused', `The column ${column} takes one value, not several.`);
    return [column, typeof value === 'boolean' ? String(value) : value];
  });
}

/** What stands in a column, as text: numbers and days as they are written, yes and no as true and false. */
const plain = (value: unknown): string | null =>
  value === null || value === undefined
    ? null
    : value instanceof Date
      ? value.toISOString()
      : Buffer.isBuffer(value)
        ? value.toString('utf8')
        : String(value);

async function rolesOf(
  link: SqlLink,
  { roles }: Layout,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (!roles || ids.length === 0) return found;
  const { quote, placeholder } = link.dialect;
  const { rows } = await link.query(
    `select ${quote(roles.account)} as account, ${quote(roles.name)} as role from ${quote(roles.table)}
      where ${quote(roles.account)} in (${ids.map((_, n) => placeholder(n + 1)).join(', ')})`,
    ids,
    false,
  );
  for (const { account, role } of rows)
    found.set(String(account), [...(found.get(String(account)) ?? []), String(role)]);
  return found;
}

/** Accounts in the order of their key: whoever comes or goes meanwhile shifts nobody. */
async function page(
  link: SqlLink,
  { table, key, shown }: { table: string; key: string; shown: readonly string[] },
  from: string | undefined,
  seenOf: (rows: Record<string, unknown>[]) => Promise<Seen[]>,
): Promise<Page> {
  const { placeholder } = link.dialect;
  const { rows } = await link.query(
    `select ${shown.join(', ')} from ${table} where ${key} is not null ${from === undefined ? '' : `and ${key} > ${placeholder(1)}`}
      order by ${key} limit ${pageSize + 1}`,
    from === undefined ? [] : [from],
    false,
  );
  const seen = await seenOf(rows.slice(0, pageSize));
  const more = rows.length > pageSize;
  return { seen, ...(more ? { next: seen.at(-1)!.id } : {}), whole: !more };
}

async function findings(link: SqlLink, layout: Layout, kind: string): Promise<Finding[]> {
  const found: Finding[] = [];
  const columnsOf = async (table: string, text: string): Promise<string[]> => {
    const [name, schema = null] = table.split('.').reverse();
    return (await link.query(text, [schema, name], false)).rows.map((row) => String(row.name ?? row.NAME));
  };
  const need = async (table: string, names: readonly string[]): Promise<void> => {
    const there = await columnsOf(table, link.dialect.columns);
    if (there.length === 0)
      found.push({ level: 'bad', text: `There is no table ${table}, or we may not read it.` });
    else
      for (const name of names)
        if (!there.includes(name))
          found.push({ level: 'bad', text: `The table ${table} has no column ${name}.` });
  };
  await need(layout.table, [
    layout.correlation,
    ...layout.columns,
    ...(layout.enabled ? [layout.enabled.column] : []),
    ...(layout.password ? [layout.password.column] : []),
  ]);
  if (layout.roles) await need(layout.roles.table, [layout.roles.account, layout.roles.name]);
  if (found.length > 0) return found;
  const unique = await columnsOf(layout.table, link.dialect.uniqueColumns);
  if (!unique.includes(layout.correlation))
    found.push({
      level: 'bad',
      text: `The column ${layout.correlation} is not unique: two accounts could stand for one person. Put a unique index on it.`,
    });
  if (found.length === 0)
    found.push({ level: 'good', text: `The table ${layout.table} is there, with every column (${kind}).` });
  return found;
}
