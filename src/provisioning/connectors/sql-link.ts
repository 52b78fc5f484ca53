import type { Socket } from 'node:net';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { EgressError } from '../../platform/egress.ts';
import { ConnectorError, type Reaching } from './connector.ts';
import { unanswered } from './http-answers.ts';

/** A connection to a database of somebody else's: one statement after another, values as parameters only. */
export type SqlLink = {
  dialect: Dialect;
  /** @throws {ConnectorError} */
  query(text: string, values: readonly unknown[], writes: boolean): Promise<SqlRows>;
  close(): Promise<void>;
};

export type SqlRows = { rows: Record<string, unknown>[]; changed: number };

export type Dialect = {
  quote: (name: string) => string;
  placeholder: (n: number) => string;
  /** of a schema or database, and a table: the columns and the columns that are unique by themselves */
  columns: string;
  uniqueColumns: string;
};

export type SqlAddress = {
  kind: 'postgresql' | 'mariadb';
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  encrypted: boolean;
  trust: string | undefined;
};

export async function openLink(
  address: SqlAddress,
  { sockets, deadline }: Pick<Reaching, 'sockets' | 'deadline'>,
): Promise<SqlLink> {
  let socket: Socket;
  try {
    socket = await sockets.connect(
      { ...address, security: 'plain', usualPorts: [address.kind === 'mariadb' ? 3306 : 5432] },
      deadline,
    );
  } catch (error) {
    throw error instanceof EgressError ? unanswered(error, false) : error;
  }
  const end = (): void => {
    socket.destroy();
  };
  deadline.addEventListener('abort', end, { once: true });
  try {
    const link = await (address.kind === 'mariadb' ? mariaLink : postgresLink)(address, socket, deadline);
    return {
      ...link,
      async close() {
        deadline.removeEventListener('abort', end);
        await link.close().catch(() => {});
        socket.destroy();
      },
    };
  } catch (error) {
    socket.destroy();
    throw meaning(error, deadline, false);
  }
}

async function postgresLink(address: SqlAddress, socket: Socket, deadline: AbortSignal): Promise<SqlLink> {
  // The driver would look the name up again and connect by itself; the connection stands, to an address that was judged.
  socket.connect = () => {
    setImmediate(() => socket.emit('connect'));
    return socket;
  };
  const client = new pg.Client({
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    password: address.password,
    stream: () => socket,
    ssl: address.encrypted
      ? { ...(address.trust ? { ca: address.trust } : {}), minVersion: 'TLSv1.2' }
      : false,
    statement_timeout: 30_000,
    application_name: 'Remit',
    options: '-c search_path=public',
  });
  client.on('error', () => {});
  await client.connect();
  return {
    dialect: postgres,
    async query(text, values, writes) {
      try {
        const { rows, rowCount } = await client.query(text, [...values]);
        return { rows, changed: rowCount ?? 0 };
      } catch (error) {
        throw meaning(error, deadline, writes);
      }
    },
    close: () => client.end(),
  };
}

async function mariaLink(address: SqlAddress, socket: Socket, deadline: AbortSignal): Promise<SqlLink> {
  const client = await mysql.createConnection({
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    password: address.password,
    stream: socket,
    ...(address.encrypted
      ? {
          ssl: {
            ...(address.trust ? { ca: address.trust } : {}),
            minVersion: 'TLSv1.2',
            verifyIdentity: true,
          },
        }
      : {}),
    charset: 'utf8mb4',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    // A server may ask a client for its files (LOAD DATA LOCAL): this one has none to give.
    flags: ['-LOCAL_FILES'],
    multipleStatements: false,
    connectTimeout: 30_000,
  });
  client.on('error', () => {});
  await client.query("set session sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES', max_statement_time = 30");
  return {
    dialect: maria,
    async query(text, values, writes) {
      try {
        const [result] = await client.execute(text, [...values] as (string | null)[]);
        return Array.isArray(result)
          ? { rows: result as Record<string, unknown>[], changed: 0 }
          : { rows: [], changed: result.affectedRows };
      } catch (error) {
        throw meaning(error, deadline, writes);
      }
    },
    close: () => client.end(),
  };
}

const quote = (name: string): string =>
  name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');

const postgres: Dialect = {
  quote,
  placeholder: (n) => `$${n}`,
  columns: `select column_name as name from information_schema.columns
    where table_schema = coalesce($1, 'public') and table_name = $2`,
  uniqueColumns: `select a.attname as name from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where n.nspname = coalesce($1, 'public') and c.relname = $2 and i.indisunique and i.indnkeyatts = 1 and i.indpred is null`,
};

const maria: Dialect = {
  quote,
  placeholder: () => '?',
  columns: `select column_name as name from information_schema.columns
    where table_schema = coalesce(?, database()) and table_name = ?`,
  uniqueColumns: `select min(column_name) as name from information_schema.statistics
    where table_schema = coalesce(?, database()) and table_name = ? and non_unique = 0 group by index_name having count(*) = 1`,
};

type Coded = { code?: string; errno?: number; message?: string };

/** What a database's error means. Its own text may quote a value, and is left out; its code is not. */
function meaning(error: unknown, deadline: AbortSignal, writes: boolean): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { code = '', errno } = error as Coded;
  const options = { status: code || String(errno ?? ''), cause: new Error(code || 'no code') };
  if (deadline.aborted)
    return new ConnectorError('unreachable', 'It did not answer in time.', {
      ...options,
      mayHaveHappened: writes,
    });
  if (code === '23505' || errno === 1062)
    return new ConnectorError('exists', 'It has such a row already.', options);
  if (/^28/.test(code) || errno === 1045 || errno === 1044 || code === '42501' || errno === 1142)
    return new ConnectorError('no-permission', `It does not let us do that (${code}).`, options);
  if (/^(3D|42)/.test(code) || [1049, 1146, 1054].includes(errno ?? 0))
    return new ConnectorError('bad-settings', `A database, table or column is not there (${code}).`, options);
  if (/CERT|SELF_SIGNED|SSL|TLS|HANDSHAKE|UNABLE_TO/.test(code) || /SSL/.test((error as Coded).message ?? ''))
    return new ConnectorError('no-trust', 'Its connection cannot be trusted, or is not encrypted.', options);
  if (/^(22|23)/.test(code) || [1048, 1292, 1366, 1406, 1264, 1452, 4025].includes(errno ?? 0))
    return new ConnectorError('refused', `It does not take a value (${code}).`, options);
  if (/^(40|55|57|53)/.test(code) || [1205, 1213, 1040, 1969].includes(errno ?? 0))
    return new ConnectorError('failing', `It is busy or going down (${code}).`, {
      ...options,
      mayHaveHappened: writes,
    });
  return new ConnectorError('unreachable', `The connection broke (${code || 'closed'}).`, {
    ...options,
    mayHaveHappened: writes,
  });
}
