import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { DB } from '../../platform/schema.gen.ts';
import { findClientMetadata } from './client-metadata.ts';

/** Whoever knows the id of one of these can use it, so only a digest of the id stands in the database. */
const bearers = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'Session']);

/** What the provider remembers, in PostgreSQL, expiring by database time. One adapter a kind of thing. */
export const adapterOn =
  (db: Kysely<DB>) =>
  (kind: string): Adapter =>
    kind === 'Client' ? clientAdapter(db) : recordAdapter(db, kind);

function recordAdapter(db: Kysely<DB>, kind: string): Adapter {
  const isBearer = bearers.has(kind);
  const stored = (id: string): string =>
    isBearer ? createHash('sha256').update(id).digest('base64url') : id;
  const find = async (condition: ReturnType<typeof sql>): Promise<AdapterPayload | undefined> => {
    const { rows } = await sql<{ payload: AdapterPayload; consumed: number | null }>`
      select payload, extract(epoch from consumed_at)::int as consumed from provider_record
      where kind = ${kind} and ${condition} and (expires_at is null or expires_at > remit_now())`.execute(db);
    const [row] = rows;
    return row && { ...row.payload, ...(row.consumed === null ? {} : { consumed: row.consumed }) };
  };
  return {
    async upsert(id, payload, expiresIn) {
      await sql`
        insert into provider_record (kind, id, payload, grant_id, uid, expires_at)
        values (${kind}, ${stored(id)}, ${JSON.stringify(withoutSecrets(payload, isBearer))}::jsonb, ${payload.grantId ?? null},
          ${payload.uid ?? null}, ${expiresIn ? sql`remit_now() + make_interval(secs => ${expiresIn})` : sql`null`})
        on conflict (kind, id) do update set payload = excluded.payload, grant_id = excluded.grant_id,
          uid = excluded.uid, expires_at = excluded.expires_at`.execute(db);
    },
    async find(id) {
      const payload = await find(sql`id = ${stored(id)}`);
      return payload && (isBearer ? { ...payload, jti: id } : payload);
    },
    findByUid: (uid) => find(sql`uid = ${uid}`),
    // The device flow is off, and with it user codes.
    findByUserCode: async () => undefined,
    async consume(id) {
      const { numAffectedRows } = await sql`update provider_record set consumed_at = remit_now()
        where kind = ${kind} and id = ${stored(id)} and consumed_at is null`.execute(db);
      // Two that come at once have both found it unused; only one of them may go on (I43).
      if (Number(numAffectedRows ?? 0) === 0) throw new errors.InvalidGrant('used already');
    },
    async destroy(id) {
      await sql`delete from provider_record where kind = ${kind} and id = ${stored(id)}`.execute(db);
    },
    async revokeByGrantId(grantId) {
      await sql`delete from provider_record where kind = ${kind} and grant_id = ${grantId}`.execute(db);
    },
  };
}

/** An interaction would repeat the provider's session cookie, which nothing reads there. */
function withoutSecrets({ jti, session, ...rest }: AdapterPayload, isBearer: boolean): object {
  const { cookie, ...kept } = (session ?? {}) as { cookie?: string };
  return { ...rest, ...(session ? { session: kept } : {}), ...(isBearer ? {} : { jti }) };
}

/** Clients are applications, read at each use: a retired one is no client from then on. Nobody writes them here. */
function clientAdapter(db: Kysely<DB>): Adapter {
  const never = async () => {
    throw new Error('clients are registered as applications');
  };
  return {
    find: (id) => findClientMetadata(db, id),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    upsert: never,
    consume: never,
    destroy: never,
    revokeByGrantId: never,
  };
}
