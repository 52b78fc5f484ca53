import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isPostgresOf, startOf } from './processes.ts';

/**
 * Stops the PostgreSQL that a killed Remit left behind on this data folder, so that the next start is not
 * blocked by it. Only ever called by the holder of the lock.
 * @returns the id of the process stopped, if there was one
 */
export async function stopOrphan(dataFolder: string): Promise<number | undefined> {
  const pid = postmasterOf(dataFolder);
  if (pid === undefined || !isPostgresOf(pid, dataFolder)) return undefined;
  // First the fast way, which closes everything in order; then the one that recovers at the next start.
  for (const [signal, seconds] of [
    ['SIGINT', 20],
    ['SIGQUIT', 10],
  ] as const) {
    process.kill(pid, signal);
    if (await gone(pid, seconds)) return pid;
  }
  throw new Error(
    `A PostgreSQL from before (process ${pid}) still runs on ${dataFolder} and does not stop. End it, then start Remit again.`,
  );
}

// The first line of postmaster.pid; the file is PostgreSQL's own.
function postmasterOf(dataFolder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function gone(pid: number, seconds: number): Promise<boolean> {
  const start = startOf(pid);
  for (const until = Date.now() + seconds * 1000; Date.now() < until; await delay(20)) {
    if (startOf(pid) !== start) return true;
  }
  return false;
}
