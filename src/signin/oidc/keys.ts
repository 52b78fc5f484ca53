import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';

export type ProviderKeys = { sign: JWK[]; cookie: string[] };

/** Any constant: two processes that start at once make the keys one after the other, and the second finds them. */
const keyLock = 0x6b657973;

/** This instance's keys, newest first; made at first start and kept, so that tokens survive a restart (I22). */
export async function loadKeys(db: Kysely<DB>): Promise<ProviderKeys> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${keyLock})`.execute(trx);
    const found = await readKeys(trx);
    if (found.sign.length > 0 && found.cookie.length > 0) return found;
    // RS256 is what every client must know (OpenID Connect Core, section 15.1); ES256 is there for who prefers it.
    for (const alg of ['RS256', 'ES256']) await keep(trx, 'sign', await signingKey(alg));
    await keep(trx, 'cookie', randomBytes(32).toString('base64url'));
    return readKeys(trx);
  });
}

async function signingKey(alg: string): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: randomBytes(12).toString('base64url') };
}

async function keep(
  db: Kysely<DB>,
  kind: 'sign' | 'cookie',
  value: (JWK & { kid: string }) | string,
): Promise<void> {
  const id = typeof value === 'string' ? randomBytes(12).toString('base64url') : value.kid;
  await sql`insert into provider_key (id, kind, value, created_at)
    values (${id}, ${kind}, ${JSON.stringify(value)}::jsonb, remit_now())`.execute(db);
}

async function readKeys(db: Kysely<DB>): Promise<ProviderKeys> {
  const { rows } = await sql<{ kind: 'sign' | 'cookie'; value: unknown }>`
    select kind, value from provider_key order by created_at desc, value ->> 'alg' desc`.execute(db);
  return {
    sign: rows.filter(({ kind }) => kind === 'sign').map(({ value }) => value as JWK),
    cookie: rows.filter(({ kind }) => kind === 'cookie').map(({ value }) => value as string),
  };
}
