import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DataDirInUse, lock } from './embedded/lock.ts';
import { stopOrphan } from './embedded/orphan.ts';
import { type Place, placeFor } from './embedded/place.ts';
import { runAs } from './embedded/run-as.ts';
import { answers, initialize, makeSocketFolder, role, serve } from './embedded/server.ts';

export type EmbeddedPostgres = {
  /** The address of a database on this server, created when missing. */
  url(database: string): Promise<string>;
  /** Where the data stands; not always below the folder asked for. */
  dataDir: string;
  /** True when this start made the database server's data. */
  created: boolean;
  stop(): Promise<void>;
};

/**
 * Starts PostgreSQL on `dataDir` and keeps it running until `stop`: one that dies is started again.
 * @throws {DataDirInUse} when another Remit runs on it
 * @throws Error with one sentence for the person who started it
 */
export async function startEmbeddedPostgres({
  dataDir,
  log = () => {},
}: {
  dataDir: string;
  log?: (line: string) => void;
}): Promise<EmbeddedPostgres> {
  const place = placeFor(dataDir);
  const held = lock(place.folder, dataDir);
  try {
    const orphan = await stopOrphan(place.data);
    if (orphan) log(`Stopped the PostgreSQL that an earlier Remit left running (process ${orphan}).`);
    const socketFolder = makeSocketFolder(place);
    // Two containers on one volume do not see each other's processes, but they share the socket.
    if (await answers(socketFolder)) throw new DataDirInUse(dataDir, 'in another container');
    const created = initialize(place, []);
    const kept = await keepServing(place, socketFolder, {}, log);
    return { ...kept, dataDir: place.folder, created, stop: () => kept.stop().finally(held.release) };
  } catch (error) {
    held.release();
    throw error;
  }
}

/** Where servers for tests stand: in memory where a few gigabytes of it are free, for each test's database is a copy of 1,300 files. */
const temporary = { parents: ['/tmp', '/dev/shm'], prefix: 'remit-test-' };

function roomiest(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    accessSync('/dev/shm', constants.W_OK | constants.X_OK);
    if (bavail * bsize > 4 * 2 ** 30) return '/dev/shm';
  } catch {
    // a system without it
  }
  return '/tmp';
}

/** Data that nobody will miss: faster by not waiting for the disk. */
const throwaway = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // what is thrown away anyway takes no room meanwhile
  max_wal_size: '256MB',
  max_connections: '300',
};

/**
 * A server for tests: in a temporary folder, gone with `stop`.
 * @param flushed commits wait for the disk as in production; nothing does otherwise
 */
export async function startEphemeralPostgres({ flushed = false } = {}): Promise<EmbeddedPostgres> {
  await sweepTemporary();
  const folder = mkdtempSync(join(flushed ? '/tmp' : roomiest(), temporary.prefix));
  chmodSync(folder, 0o711);
  const held = lock(folder, folder);
  const data = join(folder, 'postgres');
  const place = { folder, data, as: runAs(data) };
  const remove = () => {
    held.release();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    initialize(place, ['--no-sync']);
    const kept = await keepServing(place, makeSocketFolder(place), flushed ? {} : throwaway, () => {});
    return { ...kept, dataDir: folder, created: true, stop: () => kept.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

// A test run that was killed leaves its server behind; the next one ends it.
async function sweepTemporary(): Promise<void> {
  const left = temporary.parents.filter(existsSync).flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => name.startsWith(temporary.prefix))
      .map((name) => join(parent, name)),
  );
  for (const folder of left) {
    if (!existsSync(join(folder, 'lock'))) continue;
    try {
      lock(folder, folder);
      await stopOrphan(join(folder, 'postgres'));
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // in use, or another user's
    }
  }
}

async function keepServing(
  place: Place,
  socketFolder: string,
  settings: Record<string, string>,
  log: (line: string) => void,
) {
  let server = await serve(place, socketFolder, settings);
  let stopping = false;
  const quit = new AbortController();
  // For a process that ends without stopping in order, on an uncaught error, say.
  const lastMoment = () => server.signalStop();
  process.once('exit', lastMoment);

  async function bringBack(): Promise<void> {
    log('The embedded PostgreSQL ended by itself; starting it again.');
    for (let wait = 200; !stopping; wait = Math.min(wait * 2, 10_000)) {
      try {
        server = await serve(place, socketFolder, settings);
        log('The embedded PostgreSQL is back.');
        return;
      } catch (error) {
        log((error as Error).message);
        await delay(wait, undefined, { signal: quit.signal }).catch(() => {});
      }
    }
  }

  async function watch(): Promise<void> {
    while (!stopping) {
      await server.ended;
      if (!stopping) await bringBack();
    }
    // one that came up while we were asked to stop
    await server.stop();
  }
  const watching = watch();

  return {
    url: (database: string) => databaseUrl(socketFolder, database),
    async stop() {
      stopping = true;
      quit.abort();
      await server.stop();
      await watching;
      process.off('exit', lastMoment);
      if (dirname(socketFolder) === '/tmp') rmSync(socketFolder, { recursive: true, force: true });
    },
  };
}

async function databaseUrl(socketFolder: string, database: string): Promise<string> {
  const url = (name: string) =>
    `postgres://${role}@/${encodeURIComponent(name)}?host=${encodeURIComponent(socketFolder)}`;
  const client = new pg.Client(url('postgres'));
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
  return url(database);
}
