import { type Kysely, sql } from 'kysely';
import type { Config } from '../../platform/config.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { SealingError, seal, sealedAnew, unseal } from '../../platform/sealing.ts';
import type { HookRow } from './store.ts';

type Keys = Pick<Config, 'secretKeys'>;

/** A secret as its row holds it; in the column of the old one it opens just as well. */
export const sealedSecret = ({ secretKeys }: Keys, webhookId: string, secret: string): string =>
  seal(secretKeys, 'webhook-secret', webhookId, secret);

/**
 * What signs for a webhook: its secret, and the one of before while that does.
 * @throws {SealingError}
 */
export const secretsOf = (
  { secretKeys }: Keys,
  { id, secret, oldSecret }: Pick<HookRow, 'id' | 'secret' | 'oldSecret'>,
): string[] =>
  [secret, ...(oldSecret ? [oldSecret] : [])].map((one) => unseal(secretKeys, 'webhook-secret', id, one));

/** True when the secret that signs now can be opened. */
export function opens(config: Keys, { id, secret }: Pick<HookRow, 'id' | 'secret'>): boolean {
  try {
    return secretsOf(config, { id, secret, oldSecret: null }).length > 0;
  } catch (error) {
    if (error instanceof SealingError) return false;
    throw error;
  }
}

/**
 * Seals secrets that stand plain, and those under an older key with the first. One that does not open is left as it is:
 * its webhook sends nothing until the key is back or its secret is changed, and all others go on.
 * @returns why, for each that was left
 */
export async function sealHooks(trx: Kysely<DB>, { secretKeys }: Keys): Promise<string[]> {
  // One that signs no more has no say in whether the one that does can be sealed anew.
  await sql`update webhook set old_secret = null, old_secret_until = null where old_secret_until <= remit_now()`.execute(
    trx,
  );
  const { rows } = await sql<{ id: string; secret: string; oldSecret: string | null }>`
    select id, secret, old_secret as "oldSecret" from webhook where secret <> '' order by id for no key update`.execute(
    trx,
  );
  const left: string[] = [];
  for (const { id, secret, oldSecret } of rows) {
    try {
      const anew = sealedAnew(secretKeys, 'webhook-secret', id, secret);
      const oldAnew =
        oldSecret === null ? undefined : sealedAnew(secretKeys, 'webhook-secret', id, oldSecret);
      if (anew === undefined && oldAnew === undefined) continue;
      await sql`update webhook set secret = ${anew ?? secret}, old_secret = ${oldAnew ?? oldSecret}
        where id = ${id}`.execute(trx);
    } catch (error) {
      if (!(error instanceof SealingError)) throw error;
      left.push(`${error.message} Or give the webhook a new secret.`);
    }
  }
  return left;
}
