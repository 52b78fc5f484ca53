import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataDirInUse } from './embedded/lock.ts';
import { outsideRoot } from './embedded/place.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';

let folder: string;
let running: { stop(): Promise<void> }[];
beforeEach(() => {
  folder = mkdtempSync('/tmp/remit-embedded-');
  chmodSync(folder, 0o711);
  running = [];
});
afterEach(async () => {
  for (const each of running) await each.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(dataDir: string, log?: (line: string) => void): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log });
  running.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** A Remit of its own process, as `npm start` makes it, up to the first line it says. */
async function startElsewhere(dataDir: string): Promise<{ child: ChildProcess; said: string }> {
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('embedded-postgres.ts', import.meta.url).href)};
    try {
      const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
      console.log(await server.url('remit'));
      setInterval(() => {}, 60_000);
    } catch (error) {
      console.log(error.message);
      process.exitCode = 1;
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { child, said };
}

const postmasterOf = (server: EmbeddedPostgres) =>
  Number(readFileSync(join(server.dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

it('keeps its data over a stop, on a private socket without TCP', async () => {
  const first = await start(join(folder, '.remit'));
  expect(first.created).toBe(true);
  const url = await first.url('remit');
  await query(url, 'create table kept as select 7 as n');
  expect(await query(url, 'show listen_addresses')).toEqual(['']);
  expect(await query(url, 'show unix_socket_permissions')).toEqual(['0700']);
  expect(
    await query(url, "select upper('ä') || current_setting('TimeZone') || current_setting('fsync')"),
  ).toEqual(['ÄUTCon']);
  await first.stop();
  await expect(query(url, 'select 1')).rejects.toThrow();

  const second = await start(join(folder, '.remit'));
  expect(second.created).toBe(false);
  expect(await query(await second.url('remit'), 'select n from kept')).toEqual([7]);
});

it('refuses a second start on the same data, and says what to do', async () => {
  const dataDir = join(folder, '.remit');
  const first = await start(dataDir);
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(DataDirInUse);
  const { child, said } = await startElsewhere(dataDir);
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(1);
  expect(said).toBe(
    `Remit is already running on ${dataDir} (process ${process.pid}). Use that one, stop it first, or give this one its own REMIT_DATA_DIR.`,
  );
  expect(await query(await first.url('remit'), 'select 1')).toEqual([1]);
});

it('goes on after a Remit that was killed, ending the PostgreSQL it left', async () => {
  const dataDir = join(folder, '.remit');
  const { child, said } = await startElsewhere(dataDir);
  await query(said, 'create table kept as select 7 as n');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await query(said, 'select n from kept')).toEqual([7]);

  const lines: string[] = [];
  const next = await start(dataDir, (line) => lines.push(line));
  expect(lines.join()).toMatch(
    /^Stopped the PostgreSQL that an earlier Remit left running \(process \d+\)\.$/,
  );
  expect(await query(await next.url('remit'), 'select n from kept')).toEqual([7]);
});

it('is started again when it dies, at the same address', async () => {
  const back = Promise.withResolvers<void>();
  const server = await start(join(folder, '.remit'), (line) => line.endsWith('is back.') && back.resolve());
  const url = await server.url('remit');
  await query(url, 'create table kept as select 7 as n');
  process.kill(postmasterOf(server), 'SIGKILL');
  await back.promise;
  expect(await query(url, 'select n from kept')).toEqual([7]);
});

it('works in a folder deeper than a socket path may be', async () => {
  const dataDir = join(folder, 'a'.repeat(60), 'b'.repeat(60));
  const server = await start(dataDir);
  expect(server.dataDir).toBe(dataDir);
  expect(await query(await server.url('remit'), 'select 1')).toEqual([1]);
});

it('never takes half of an interrupted set-up for a database', async () => {
  const dataDir = join(folder, '.remit');
  mkdirSync(join(dataDir, 'postgres.new'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres.new/PG_VERSION'), '18\n');
  chmodSync(dataDir, 0o711);
  expect((await start(dataDir)).created).toBe(true);
});

// One of the two holds on any machine, so that nothing is skipped.
if (process.getuid?.() === 0) {
  it('as root, below a folder closed to others, keeps the data outside and points there', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const dataDir = join(closed, '.remit');
    const first = await start(dataDir);
    try {
      expect(first.dataDir.startsWith(`${outsideRoot}/closed-`)).toBe(true);
      expect(readFileSync(join(dataDir, 'database-is-at'), 'utf8')).toBe(`${first.dataDir}\n`);
      await query(await first.url('remit'), 'create table kept as select 7 as n');
      await first.stop();
      const second = await start(dataDir);
      expect(await query(await second.url('remit'), 'select n from kept')).toEqual([7]);
      await second.stop();
    } finally {
      rmSync(first.dataDir, { recursive: true });
    }
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('that folder is gone');
  });
} else {
  it('refuses a folder that this user may not write to', async () => {
    await expect(startEmbeddedPostgres({ dataDir: '/var/lib/not-ours' })).rejects.toThrow(
      'Remit cannot write to /var/lib/not-ours (EACCES)',
    );
    expect(existsSync('/var/lib/not-ours')).toBe(false);
  });
}
