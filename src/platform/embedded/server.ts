import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Binaries, findBinaries } from './binaries.ts';
import type { Place } from './place.ts';

/** A trust-only server for one user of this machine, named so that nobody takes it for a production role. */
export const role = 'remit';

export type Server = {
  /** Resolves when the process has ended, for whatever reason. */
  ended: Promise<void>;
  /** Ends it in order; sure to be gone afterwards. */
  stop(): Promise<void>;
  /** The same without waiting, for the last moment of a process. */
  signalStop(): void;
};

/** The data folder, made when missing. Half of an interrupted start is never taken for a database. */
export function initialize({ folder, data, as }: Place, extra: string[]): boolean {
  if (existsSync(join(data, 'PG_VERSION'))) return false;
  const binaries = findBinaries(folder, as);
  const draft = `${data}.new`;
  for (const rest of [draft, data]) rmSync(rest, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  if (as) chownSync(draft, as.uid, as.gid);
  const made = spawnSync(
    join(binaries.bin, 'initdb'),
    [
      '-D',
      draft,
      '-U',
      role,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale-provider=builtin',
      '--locale=C.UTF-8',
      ...extra,
    ],
    { ...as, cwd: '/', env: environment(binaries), encoding: 'utf8' },
  );
  if (made.status !== 0) {
    const said = lastLines(made.stderr ?? String(made.error));
    const hint = said.includes('user does not exist')
      ? ' Give this user a name in /etc/passwd, or set DATABASE_URL.'
      : '';
    throw new Error(`The embedded PostgreSQL could not be set up in ${data}: ${said}.${hint}`);
  }
  renameSync(draft, data);
  return true;
}

/** Starts PostgreSQL on an initialized place: no TCP, a socket only its own user (and root) may use. */
export async function serve(
  { folder, data, as }: Place,
  socketFolder: string,
  settings: Record<string, string>,
): Promise<Server> {
  const binaries = findBinaries(folder, as);
  const logFile = join(folder, 'postgres.log');
  const logged = trimLog(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const options = { listen_addresses: '', unix_socket_permissions: '0700', ...settings };
  const child = spawn(
    join(binaries.bin, 'postgres'),
    [
      '-D',
      data,
      '-k',
      socketFolder,
      ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    // its own process group: Ctrl-C in a terminal reaches only Remit, which then stops it in order
    { ...as, cwd: '/', env: environment(binaries), stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const server = {
    ended,
    stop: () => stop(child, ended),
    signalStop: () => void child.kill('SIGINT'),
  };
  try {
    await answering(child, socketFolder, Number(settings.port ?? 5432));
  } catch {
    await server.stop();
    const said = readFileSync(logFile, 'utf8').slice(logged);
    throw new Error(
      `The embedded PostgreSQL did not start: ${lastLines(said) || 'see its log'} (${logFile})`,
    );
  }
  return server;
}

// Nothing of ours goes in: PGPORT, PGDATA and their like would change what is started.
function environment({ libraryPath }: Binaries): NodeJS.ProcessEnv {
  const name = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: 'C.UTF-8', TZ: 'UTC', [name]: libraryPath };
}

/** A private folder for the socket. Its whole path must fit into 107 bytes (unix(7)), so deep places get theirs under /tmp. */
export function makeSocketFolder({ folder, as }: Place): string {
  const beside = join(folder, 'run');
  const path =
    Buffer.byteLength(join(beside, '.s.PGSQL.5432')) <= 103 ? beside : mkdtempSync('/tmp/remit-run-');
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (as) chownSync(path, as.uid, as.gid);
  return path;
}

// Kept across starts for whoever looks for a reason, but never without end.
function trimLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size < 10_000_000) return size;
  truncateSync(file);
  return 0;
}

async function answering(child: ChildProcess, host: string, port: number): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await delay(20)) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) break;
    if (await answers(host, port)) return;
  }
  throw new Error('no answer');
}

/** Whether a PostgreSQL of ours listens there. */
export async function answers(host: string, port = 5432): Promise<boolean> {
  const client = new pg.Client({
    host,
    port,
    user: role,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined) return;
  for (const [signal, wait] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    child.kill(signal);
    const clock = new AbortController();
    await Promise.race([ended, delay(wait, undefined, { signal: clock.signal }).catch(() => {})]);
    clock.abort();
    if (child.exitCode !== null || child.signalCode !== null) return;
  }
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' | ');
