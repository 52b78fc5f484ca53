import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptyDatabase } from '../../test/harness/database.ts';
import { applyMigrations, MigrationError, migrate } from './migrate.ts';

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let directory: string;
beforeEach(async () => {
  database = await emptyDatabase();
  directory = mkdtempSync(join(tmpdir(), 'remit-sql-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(directory, { recursive: true });
});

const write = (files: Record<string, string>) => {
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(directory, name), sql);
};
const run = () => applyMigrations(database.url, directory);

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const two = {
  '0001-first.sql': 'create table counted (n int); insert into counted values (1);',
  '0002-second.sql': 'insert into counted values (2); create index on counted (n);',
};

it('applies what is missing, in order, once', async () => {
  write({ '0001-first.sql': two['0001-first.sql'] });
  expect(await run()).toEqual(['0001-first.sql']);
  write(two);
  expect(await run()).toEqual(['0002-second.sql']);
  expect(await run()).toEqual([]);
  expect(await query('select n from counted order by n')).toEqual([{ n: 1 }, { n: 2 }]);
});

it('is safe when twenty start at once', async () => {
  write(two);
  const all = await Promise.all(Array.from({ length: 20 }, run));
  expect(all.filter((applied) => applied.length > 0)).toEqual([Object.keys(two)]);
  expect(await query('select n from counted order by n')).toEqual([{ n: 1 }, { n: 2 }]);
});

it('leaves nothing of a file that fails, and goes on from there when it is mended', async () => {
  write({ ...two, '0002-second.sql': 'create table half (n int); select 1/0;' });
  await expect(run()).rejects.toThrow('sql/0002-second.sql could not be applied and changed nothing');
  expect(await query("select to_regclass('half') as half")).toEqual([{ half: null }]);
  write(two);
  expect(await run()).toEqual(['0002-second.sql']);
});

it('refuses a database that newer software made', async () => {
  write(two);
  await run();
  rmSync(join(directory, '0002-second.sql'));
  await expect(run()).rejects.toThrow('migrated by a newer Remit (0002-second.sql); start that version');
});

it('refuses a database that other files made, line ends aside', async () => {
  write(two);
  await run();
  write({ '0001-first.sql': `${two['0001-first.sql']}\r\n` });
  await expect(run()).rejects.toThrow(MigrationError);
  await expect(run()).rejects.toThrow('sql/0001-first.sql is not the file that made this database');
});

it('refuses a file that comes before one applied already', async () => {
  write({ '0001-first.sql': 'select 1', '0003-third.sql': 'select 3' });
  await run();
  write({ '0002-second.sql': 'select 2' });
  await expect(run()).rejects.toThrow(
    'sql/0002-second.sql is not the file that made this database (0003-third.sql)',
  );
});

it('refuses two files of one number, and names that say none', async () => {
  write({ '0001-first.sql': 'select 1', '0001-other.sql': 'select 1' });
  await expect(run()).rejects.toThrow('sql/0001-other.sql has the number of sql/0001-first.sql');
  rmSync(join(directory, '0001-other.sql'));
  write({ 'last.sql': 'select 1' });
  await expect(run()).rejects.toThrow('sql/last.sql should be named NNNN-words.sql');
});

it("makes this software's tables and queues, also when several start at once", async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => migrate(database.url)));
  expect(all.filter((applied) => applied.length > 0)).toHaveLength(1);
  expect(await query('select name from pgboss.queue')).toContainEqual({ name: 'event' });
  expect(await query("select to_regclass('delegation') is not null as made")).toEqual([{ made: true }]);
});
