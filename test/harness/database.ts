import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/platform/database.ts';

export type TestDatabase = Database & {
  url: string;
  /** Ends our connections and those of whatever the test started, and removes the database. */
  drop(): Promise<void>;
};

/** A database of this test file's own: a clone of the migrated template, in some 0.1 s. */
export async function testDatabase({ max = 5, like = 'remit_template' } = {}): Promise<TestDatabase> {
  const base = serverUrl();
  const name = `test_${randomBytes(6).toString('hex')}`;
  // file_copy is the quick strategy when nothing is flushed to disk
  await onServer(base, `create database ${name} template ${like} strategy file_copy`);
  const url = addressOf(base, name);
  const database = openDatabase(url, { max });
  return {
    ...database,
    url,
    async drop() {
      await database.close();
      await onServer(base, `drop database if exists ${name} with (force)`);
    },
  };
}

/**
 * What `fill` made, in a database that `testDatabase` clones: `like` names it. Filled once a run, by whichever worker
 * comes first; the others wait for it. What it returns is kept as JSON.
 */
export async function filledTemplate<Made>(
  like: string,
  fill: (database: Database & { url: string }) => Promise<Made>,
): Promise<Made> {
  const base = serverUrl();
  return onServer(base, 'select pg_advisory_lock(1)', async (client) => {
    await client.query('create table if not exists filled (name text primary key, made jsonb not null)');
    const known = await client.query('select made from filled where name = $1', [like]);
    if (known.rows[0]) return known.rows[0].made;
    await client.query(`drop database if exists ${like} with (force)`);
    await client.query(`create database ${like} template remit_template strategy file_copy`);
    const url = addressOf(base, like);
    const database = openDatabase(url, { max: 1 });
    try {
      const made = await fill({ ...database, url });
      await client.query('insert into filled values ($1, $2)', [like, JSON.stringify(made)]);
      return made;
    } finally {
      await database.close();
    }
  });
}

function serverUrl(): string {
  const template = inject('template');
  if ('failed' in template) throw new Error(template.failed);
  return template.url;
}

/** A database without any table, for tests of migrations. */
export async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const base = serverUrl();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(base, `create database ${name}`);
  return {
    url: addressOf(base, name),
    drop: () => onServer(base, `drop database if exists ${name} with (force)`),
  };
}

// The template itself must stay without connections, or it cannot be cloned.
async function onServer<Made>(
  url: string,
  statement: string,
  then?: (client: pg.Client) => Promise<Made>,
): Promise<Made> {
  const client = new pg.Client(addressOf(url, 'postgres'));
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(statement);
    return (await then?.(client)) as Made;
  } finally {
    await client.end();
  }
}

const addressOf = (url: string, database: string): string => url.replace(/\/[^/?]*\?/, `/${database}?`);
