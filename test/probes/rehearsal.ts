import { Kysely, PostgresDialect, sql } from 'kysely';
import type pg from 'pg';
import { openDatabase } from '../../src/platform/database.ts';
import type { DB } from '../../src/platform/schema.gen.ts';

/** A row that an act wrote, as it was before and after; `was` is null for a new one, `now` for a deleted one. */
export type Written = {
  table: string;
  was: Record<string, unknown> | null;
  now: Record<string, unknown> | null;
};

/** Acts that never happened: each one runs in a savepoint of one open transaction, and is rolled back. */
export type Rehearsal = {
  db: Kysely<DB>;
  /** Runs `act`, says which rows it wrote, and undoes all of it. */
  attempt: <T>(act: () => Promise<T>) => Promise<{ result: T; written: Written[] }>;
  /** What the attempt under way wrote so far is not told of. */
  forget: () => Promise<void>;
  /** Runs `act` and keeps what it did, for the attempts that follow. */
  keep: <T>(act: () => Promise<T>) => Promise<T>;
  close: () => Promise<void>;
};

/** Tables that are machinery: what stands in them belongs to no organization. */
const machinery = ['clock', 'instance', 'schema_migration', 'written'];

/**
 * Opens a rehearsal on a database of a test. Triggers note each row written, so that "nothing outside changed" is
 * read from what was done, not from what we thought of comparing. The clock stands still: the same act twice gives
 * the same answer, byte for byte.
 */
export async function openRehearsal(url: string): Promise<Rehearsal> {
  const database = openDatabase(url, { max: 1 });
  await standStill(database.db);
  await noteWrites(database.db);
  const client = await database.pool.connect();
  await client.query('begin');
  // What was undone stays in the table's pages until the end: only what came after is looked for.
  let position = 0;
  const pool = { connect: async () => nested(client), end: async () => {}, options: {} };
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: pool as never }) });
  return {
    db,
    attempt: async (act) => {
      await client.query('savepoint attempt');
      try {
        const result = await act();
        const { rows } = await client.query<Written & { position: number }>(
          'select position, of as "table", was, now from written where position > $1 order by position',
          [position],
        );
        position = rows.at(-1)?.position ?? position;
        return { result, written: rows };
      } finally {
        await client.query('rollback to savepoint attempt; release savepoint attempt');
      }
    },
    forget: async () => {
      await client.query('delete from written where position > $1', [position]);
    },
    keep: async (act) => {
      const result = await act();
      await client.query('truncate written');
      return result;
    },
    close: async () => {
      await client.query('rollback');
      client.release();
      await database.close();
    },
  };
}

/** The pipeline's own transaction becomes a savepoint of ours. */
function nested(client: pg.PoolClient): unknown {
  const translated: Record<string, string> = {
    begin: 'savepoint pipeline',
    'start transaction isolation level repeatable read': 'savepoint pipeline',
    commit: 'release savepoint pipeline',
    rollback: 'rollback to savepoint pipeline',
  };
  return {
    query: async (statement: unknown, parameters?: unknown[]) =>
      client.query((translated[statement as string] ?? statement) as string, parameters),
    release: () => {},
    processID: 1,
  };
}

async function standStill(db: Kysely<DB>): Promise<void> {
  const { rows } = await sql<{ now: string }>`select remit_now()::text as now`.execute(db);
  await sql
    .raw(
      `create or replace function remit_now() returns timestamptz language sql stable as
       $$ select timestamptz '${rows[0]!.now}' + (select ahead from clock) $$`,
    )
    .execute(db);
}

async function noteWrites(db: Kysely<DB>): Promise<void> {
  await sql`create table written (position bigint generated always as identity primary key, of text, was jsonb, now jsonb)`.execute(
    db,
  );
  await sql`
    create function note_write() returns trigger language plpgsql as $$ begin
      insert into written (of, was, now) values (tg_table_name,
        case when tg_op <> 'INSERT' then to_jsonb(old) end, case when tg_op <> 'DELETE' then to_jsonb(new) end);
      return null;
    end $$`.execute(db);
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public'`.execute(db);
  for (const { name } of rows.filter((table) => !machinery.includes(table.name)))
    await sql
      .raw(
        `create trigger note_write after insert or update or delete on "${name}" for each row execute function note_write()`,
      )
      .execute(db);
}
