import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../platform/config.ts';
import { type Database, openDatabase } from '../platform/database.ts';
import { DataDirInUse } from '../platform/embedded/lock.ts';
import { placeFor } from '../platform/embedded/place.ts';
import { answers, role } from '../platform/embedded/server.ts';
import { startEmbeddedPostgres } from '../platform/embedded-postgres.ts';
import { CommandError } from './exit-codes.ts';

/** Name of the one database on the embedded server; `npm start` uses the same. */
export const embeddedDatabase = 'remit';

export type Reached = { url: string; database: Database; close(): Promise<void> };

/**
 * The database that this configuration means: the one in DATABASE_URL; or the embedded one, through its private
 * socket when a server runs on it, else started for as long as this command takes.
 * @param make an embedded database that was never made is made (by `migrate`), else refused
 */
export async function reachDatabase(config: Config, { make = false } = {}): Promise<Reached> {
  if (config.databaseUrl !== undefined) return open(config.databaseUrl, async () => {});
  if (!make && !existsSync(config.dataDir))
    throw new CommandError(
      'unavailable',
      `There is no database in ${config.dataDir} yet. Run npm start first, or set DATABASE_URL or REMIT_DATA_DIR.`,
    );
  const place = placeFor(config.dataDir);
  if (!make && !existsSync(join(place.data, 'PG_VERSION')))
    throw new CommandError(
      'unavailable',
      `There is no database in ${config.dataDir} yet. Run npm start first.`,
    );
  // Whoever holds the folder may be on its way up or down: look for a while.
  for (let round = 0; ; round += 1) {
    const socket = socketOf(place.data);
    if (socket && (await answers(socket)))
      return open(
        `postgres://${role}@/${embeddedDatabase}?host=${encodeURIComponent(socket)}`,
        async () => {},
      );
    try {
      const server = await startEmbeddedPostgres({ dataDir: config.dataDir });
      return await open(await server.url(embeddedDatabase), () => server.stop());
    } catch (error) {
      if (!(error instanceof DataDirInUse) || round >= 40) throw unavailable(error);
      await delay(250);
    }
  }
}

const unavailable = (error: unknown): CommandError =>
  new CommandError('unavailable', (error as Error).message);

async function open(url: string, stop: () => Promise<void>): Promise<Reached> {
  const database = openDatabase(url, { max: 4 });
  const close = async () => {
    await database.close();
    await stop();
  };
  return { url, database, close };
}

/** Where the running server listens: the fifth line of its `postmaster.pid`. */
function socketOf(dataFolder: string): string | undefined {
  try {
    return readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')[4] || undefined;
  } catch {
    return undefined;
  }
}
