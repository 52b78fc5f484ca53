import type pg from 'pg';

type Column = {
  table: string;
  column: string;
  type: string;
  nullable: boolean;
  defaulted: boolean;
  generated: boolean;
  /** Values of a column that a check restricts to a list of words. */
  words: string[] | null;
};

/** What openDatabase's parsers make of each PostgreSQL type. */
const typeOf: Record<string, string> = {
  bool: 'boolean',
  bytea: 'Buffer',
  date: 'string',
  float4: 'number',
  float8: 'number',
  inet: 'string',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  interval: 'Interval',
  json: 'unknown',
  jsonb: 'unknown',
  numeric: 'string',
  text: 'string',
  timestamptz: 'Date',
  uuid: 'string',
  varchar: 'string',
};

/** The TypeScript source of the tables in a migrated database's `public` schema. */
export async function schemaTypes(client: pg.ClientBase | pg.Pool): Promise<string> {
  const { rows } = await client.query<Column>(`
    select c.relname as "table", a.attname as "column", t.typname as type,
           not a.attnotnull as nullable, a.atthasdef and a.attgenerated = '' or a.attidentity = 'd' as defaulted,
           a.attgenerated <> '' or a.attidentity = 'a' as generated,
           (select array_agg(word[1])
              from pg_constraint k, regexp_matches(pg_get_constraintdef(k.oid), '''([^'']*)''::text', 'g') word
             where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]
               and pg_get_constraintdef(k.oid) ~ '^CHECK \\(\\(\\w+ = ANY \\(ARRAY\\[') as words
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
     where c.relkind in ('r', 'p') and not c.relispartition
     order by c.relname, a.attnum`);
  const tables = [...new Set(rows.map(({ table }) => table))];
  return [
    '// Generated from a migrated database by `npm run generate:schema`; a test holds the two together.',
    "import type { ColumnType, Generated, GeneratedAlways } from 'kysely';",
    '',
    '// Read as an object (postgres-interval), written as text.',
    'type Interval = ColumnType<{ toISOString(): string }, string, string>;',
    'type GeneratedInterval = ColumnType<{ toISOString(): string }, string | undefined, string>;',
    '',
    ...tables.flatMap((table) => [
      `export interface ${pascal(table)}Table {`,
      ...rows.filter((row) => row.table === table).map((row) => `  ${row.column}: ${columnType(row)};`),
      '}',
      '',
    ]),
    'export interface DB {',
    ...tables.map((table) => `  ${table}: ${pascal(table)}Table;`),
    '}',
    '',
  ].join('\n');
}

function columnType({ table, column, type, nullable, defaulted, generated, words }: Column): string {
  const array = type.startsWith('_');
  const base = typeOf[array ? type.slice(1) : type];
  if (!base) throw new Error(`${table}.${column}: give the type ${type} a line in typeOf`);
  if (base === 'Interval' && defaulted) return 'GeneratedInterval';
  const one = words && base === 'string' ? words.map((word) => `'${word}'`).join(' | ') : base;
  const whole = array ? `(${one})[]`.replace(/^\((\w+)\)/, '$1') : one;
  const value = nullable && whole !== 'unknown' ? `${whole} | null` : whole;
  if (generated) return `GeneratedAlways<${value}>`;
  return defaulted ? `Generated<${value}>` : value;
}

function pascal(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
