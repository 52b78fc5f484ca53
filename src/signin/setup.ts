import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import type { Services } from '../operation/pipeline.ts';
import { makeLinkSecret } from '../platform/one-time-secrets.ts';
import type { DB } from '../platform/schema.gen.ts';
import { setupSeconds } from './rules.ts';

export type SetupLink = {
  /** where the link stands, for the operator's eyes only */
  file: string;
  /** how long it works, as a moment in UTC */
  until: string;
};

const fileIn = (dataDir: string): string => join(dataDir, 'set-up-link.txt');

/** True when somebody, or something, is in this instance already: there is no first owner to be made. */
export async function isSetUp(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql<{ used: boolean }>`select exists (select 1 from organization) as used`.execute(
    db,
  );
  return rows[0]!.used;
}

/** Ends set-up links: one works at a time, and none once there is an owner. */
export async function endSetupLinks(db: Kysely<DB>): Promise<void> {
  await sql`update one_time_secret set used_at = remit_now() where purpose = 'setup' and used_at is null`.execute(
    db,
  );
}

/**
 * For an empty instance: makes the link through which its owner is made, and writes it into a file that only the
 * operator can read (ruling 17). Each start makes a new one and ends the one before.
 * @returns undefined when there is an owner already
 */
export async function startSetup({
  db,
  config,
}: Pick<Services, 'db' | 'config'>): Promise<SetupLink | undefined> {
  const file = fileIn(config.dataDir);
  // Rights are given to a file when it is made; one left by an earlier start might be open to others.
  await rm(file, { force: true });
  if (await isSetUp(db)) return undefined;
  await endSetupLinks(db);
  const secret = await makeLinkSecret(db, 'setup', null, setupSeconds);
  await mkdir(config.dataDir, { recursive: true });
  await writeFile(file, `${config.url}/setup#${secret}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(file, 0o600);
  const until = new Date(Date.now() + setupSeconds * 1000);
  return { file, until: `${until.toISOString().slice(0, 16).replace('T', ' ')} UTC` };
}
