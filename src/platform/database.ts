import { Kysely, PostgresDialect, type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import type { DB } from './schema.gen.ts';

export type Database = {
  pool: pg.Pool;
  db: Kysely<DB>;
  /** Ends every connection; statements under way finish first. */
  close(): Promise<void>;
};

/**
 * A pool of connections and the typed query builder over it. Opens no connection yet.
 *
 * Values: `timestamptz` is a Date; `date` stays the text `YYYY-MM-DD`, because a day has no time zone until
 * an organization gives it one; `bigint` is a number, and one that does not fit is an error; the infinities
 * are the outermost dates of JavaScript (write them as the words 'infinity' and '-infinity').
 *
 * @param max connections at most
 * @param onError told about connections that break while idle (the server stopped); the pool replaces them
 */
export function openDatabase(
  url: string,
  { max = 10, onError = () => {} }: { max?: number; onError?: (error: Error) => void } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: 'remit',
    // Waiting longer than this for a connection is "the database is away" to whoever asked.
    connectionTimeoutMillis: 5_000,
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    types: { getTypeParser },
    Client: PreparingClient,
  });
  // Without a listener an idle connection that the server ends (57P01) would end this process.
  pool.on('error', onError);
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  let closing: Promise<void> | undefined;
  return {
    pool,
    db,
    close() {
      closing ??= db.destroy();
      return closing;
    },
  };
}

/**
 * Put before a statement that every request runs: each connection plans it once. Only for statements whose best plan
 * does not depend on their parameters (equality on unique keys): a page of people by range is planned each time.
 */
export const prepared: RawBuilder<unknown> = sql.raw('/* prepared */');

class PreparingClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: pg's overloads, handed on as they are
  override query(statement: any, ...rest: any[]): any {
    if (typeof statement !== 'string' || !statement.includes('/* prepared */'))
      return super.query(statement, ...rest);
    return super.query({ name: nameOf(statement), text: statement }, ...rest);
  }
}

const names = new Map<string, string>();

/** The same text has the same name on every connection. A statement of many shapes does not belong here. */
function nameOf(statement: string): string {
  const known = names.get(statement);
  if (known) return known;
  const name = `prepared_${names.size}`;
  names.set(statement, name);
  return name;
}

type Parser = (value: string) => unknown;

const text: Parser = (value) => value;

const parsers = new Map<number, Parser>([
  [pg.types.builtins.DATE, text],
  [pg.types.builtins.INT8, toNumber],
  [pg.types.builtins.TIMESTAMPTZ, toDate],
  [1182, (value) => array(value).map(text)], // date[]
  [1185, (value) => array(value).map(toDate)], // timestamptz[]
  [1016, (value) => array(value).map(toNumber)], // bigint[]
]);

function getTypeParser(type: number, format?: 'text' | 'binary'): Parser {
  const own = format === 'binary' ? undefined : parsers.get(type);
  return own ?? (pg.types.getTypeParser(type, format as 'text') as Parser);
}

function toNumber(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`bigint ${value} does not fit into a number`);
  return number;
}

const pgDate = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (value: string) => Date | number;

function toDate(value: string): Date {
  const date = pgDate(value);
  return date instanceof Date ? date : new Date(date > 0 ? 8.64e15 : -8.64e15);
}

// text[], whose parser only splits
const array = (value: string): string[] =>
  (pg.types.getTypeParser(1009 as never) as unknown as (value: string) => string[])(value);
