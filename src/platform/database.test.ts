import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/database.ts';
import { openDatabase } from './database.ts';
import { schemaTypes } from './schema-types.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const value = async (expression: string) =>
  (await sql<{ value: unknown }>`select ${sql.raw(expression)} as value`.execute(database.db)).rows[0]?.value;

it.each([
  ["date '2026-03-29'", '2026-03-29'],
  ["array[date '2026-03-29']", ['2026-03-29']],
  ['9007199254740991::bigint', 9007199254740991],
  ['array[1::bigint, 2]', [1, 2]],
  ["timestamptz '2026-03-29 01:00:00Z'", new Date('2026-03-29T01:00:00Z')],
  ["timestamptz 'infinity'", new Date(8.64e15)],
  ["timestamptz '-infinity'", new Date(-8.64e15)],
  ["array['a', null]", ['a', null]],
  ['\'{"a":[1]}\'::jsonb', { a: [1] }],
  ['null::bigint', null],
])('reads %s', async (expression, expected) => expect(await value(expression)).toEqual(expected));

it('never rounds a bigint', async () => {
  await expect(value('9007199254740993::bigint')).rejects.toThrow('bigint 9007199254740993 does not fit');
  expect(await value('1')).toBe(1);
});

it('survives a server that ends its connections', async () => {
  const seen: Error[] = [];
  const { pool, db, close } = openDatabase(database.url, { max: 2, onError: (error) => seen.push(error) });
  await pool.query('select 1');
  const told = new Promise((resolve) => pool.once('error', resolve));
  await database.pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await told;
  expect(seen).toHaveLength(1);
  expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
  await close();
});

it('has the types of the tables as they are; run `npm run generate:schema` after a migration', async () => {
  const written = readFileSync(new URL('schema.gen.ts', import.meta.url), 'utf8');
  expect(written).toBe(await schemaTypes(database.pool));
});
