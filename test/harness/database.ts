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
export async function testDatabase({ max = 5 }: { max?: number } = {}): Promise<TestDatabase> {
  const template = inject('template');
  if ('failed' in template) throw new Error(template.failed);
  const name = `test_${randomBytes(6).toString('hex')}`;
  // file_copy is the quick strategy when nothing is flushed to disk
  await onServer(template.url, `create database ${name} template remit_template strategy file_copy`);
  const url = addressOf(template.url, name);
  const database = openDatabase(url, { max });
  return {
    ...database,
    url,
    async drop() {
      await database.close();
      await onServer(template.url, `drop database if exists ${name} with (force)`);
    },
  };
}

/** A database without any table, for tests of migrations. */
export async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const template = inject('template');
  const base = 'url' in template ? template.url : undefined;
  if (!base) throw new Error((template as { failed: string }).failed);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(base, `create database ${name}`);
  return {
    url: addressOf(base, name),
    drop: () => onServer(base, `drop database if exists ${name} with (force)`),
  };
}

// The template itself must stay without connections, or it cannot be cloned.
async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(addressOf(url, 'postgres'));
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const addressOf = (url: string, database: string): string => url.replace(/\/[^/?]*\?/, `/${database}?`);
