import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';
import { isSealed, SealingError, type SecretKeys, seal, sealedAnew, unseal } from '../../platform/sealing.ts';

export type ProviderKeys = { sign: JWK[]; cookie: string[] };

type Kind = 'sign' | 'cookie';

/** Any constant: two processes that start at once make the keys one after the other, and the second finds them. */
const keyLock = 0x6b657973;

const purposeOf = { sign: 'sign-in-key', cookie: 'sign-in-cookie-key' } as const;

/**
 * This instance's keys, newest first; made at first start and kept, so that tokens survive a restart (I22).
 * @throws {SealingError} when one of them does not open: made anew without asking, they would end every sign-on
 */
export async function loadKeys(db: Kysely<DB>, secretKeys: SecretKeys): Promise<ProviderKeys> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${keyLock})`.execute(trx);
    const found = await readKeys(trx, secretKeys);
    if (found.sign.length > 0 && found.cookie.length > 0) return found;
    // RS256 is what every client must know (OpenID Connect Core, section 15.1); ES256 is there for who prefers it.
    for (const alg of ['RS256', 'ES256']) await keep(trx, secretKeys, 'sign', await signingKey(alg));
    await keep(trx, secretKeys, 'cookie', randomBytes(32).toString('base64url'));
    return readKeys(trx, secretKeys);
  });
}

/**
 * Seals keys that stand plain, and those under an older secret key with the first.
 * @throws {SealingError}
 */
export async function sealProviderKeys(trx: Kysely<DB>, secretKeys: SecretKeys): Promise<void> {
  const { rows } = await sql<{ id: string; kind: Kind; value: unknown }>`
    select id, kind, value from provider_key order by id for update`.execute(trx);
  for (const { id, kind, value } of rows) {
    const stored = typeof value === 'string' && isSealed(value) ? value : JSON.stringify(value);
    const anew = saying(() => sealedAnew(secretKeys, purposeOf[kind], id, stored));
    if (anew !== undefined)
      await sql`update provider_key set value = ${JSON.stringify(anew)}::jsonb where id = ${id}`.execute(trx);
  }
}

async function signingKey(alg: string): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: randomBytes(12).toString('base64url') };
}

async function keep(
  db: Kysely<DB>,
  secretKeys: SecretKeys,
  kind: Kind,
  value: (JWK & { kid: string }) | string,
): Promise<void> {
  const id = typeof value === 'string' ? randomBytes(12).toString('base64url') : value.kid;
  const sealed = seal(secretKeys, purposeOf[kind], id, JSON.stringify(value));
  await sql`insert into provider_key (id, kind, value, created_at)
    values (${id}, ${kind}, ${JSON.stringify(sealed)}::jsonb, remit_now())`.execute(db);
}

async function readKeys(db: Kysely<DB>, secretKeys: SecretKeys): Promise<ProviderKeys> {
  const { rows } = await sql<{ id: string; kind: Kind; value: string; createdAt: Date }>`
    select id, kind, value, created_at as "createdAt" from provider_key`.execute(db);
  const open = <T>(of: Kind): { createdAt: Date; value: T }[] =>
    rows
      .filter(({ kind }) => kind === of)
      .map(({ id, value, createdAt }) => ({
        createdAt,
        value: JSON.parse(saying(() => unseal(secretKeys, purposeOf[of], id, value))) as T,
      }))
      .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return {
    // Of those made together RS256 comes first, and signs where a client says nothing.
    sign: open<JWK>('sign')
      .sort(
        (a, b) =>
          b.createdAt.getTime() - a.createdAt.getTime() ||
          (b.value.alg ?? '').localeCompare(a.value.alg ?? ''),
      )
      .map(({ value }) => value),
    cookie: open<string>('cookie').map(({ value }) => value),
  };
}

/** What a key that cannot be opened means here, and the way on when it is lost for good. */
function saying<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SealingError)) throw error;
    throw new SealingError(
      `Remit does not start, because it cannot sign anybody on. ${error.message} When the key is lost for good: delete from provider_key; the next start makes new ones, and everybody signs in anew.`,
      { cause: error },
    );
  }
}
