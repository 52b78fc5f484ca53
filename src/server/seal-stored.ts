import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { sealHooks } from '../notices/webhooks/secrets.ts';
import type { Config } from '../platform/config.ts';
import type { DB } from '../platform/schema.gen.ts';
import { sealProviderKeys } from '../signin/oidc/keys.ts';

/** Any constant: processes that start at once do this one after the other. */
const lockKey = 0x7365616c;

/**
 * At start, all or nothing: secrets that an earlier version kept plain are sealed, and what an older key has sealed is
 * sealed with the first. Changes nothing when all is so already.
 * @throws {SealingError} when a key of sign-in does not open, because nobody could sign on; a webhook's is only told of
 */
export async function sealStored(
  db: Kysely<DB>,
  config: Pick<Config, 'secretKeys'>,
  log: { warn(message: string): void },
): Promise<void> {
  const left = await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(trx);
    await sealProviderKeys(trx, config.secretKeys);
    return await sealHooks(trx, config);
  });
  for (const why of left) log.warn(why);
}
