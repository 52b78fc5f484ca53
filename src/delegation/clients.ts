import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../authority/delegation.ts';
import { lastDayIn, lastDayOut } from '../directory/by-day.ts';
import type { DB } from '../platform/schema.gen.ts';

/** An API key as people see it: never the key itself. */
export const clientView = z
  .object({
    id: z.string(),
    name: z.string(),
    hint: z.string().describe('The last four characters of the key, to tell keys apart.'),
    from: z.string().nullable(),
    until: z.string().nullable(),
    lastDay: lastDayOut,
    state: z.enum(['active', 'ended', 'expired']),
    lastUsedAt: z.string().nullable(),
    feed: z.boolean().describe('It feeds people in, by SCIM.'),
    keyMadeAt: z.string(),
    formerKeyUntil: z.string().nullable().describe('Until then the key of before works beside it.'),
    delegationId: z.string().nullable().describe('What it may do: a delegation like any other.'),
    version: z.number().int(),
  })
  .meta({ id: 'Client' });

/** A new key: 256 random bits behind a prefix that scanners for leaked secrets can find. */
export function newKey(): { key: string; hash: Buffer; hint: string } {
  const key = `rmt_${randomBytes(32).toString('base64url')}`;
  return { key, hash: hashKey(key), hint: key.slice(-4) };
}

/** Only this stands in the database. A key is random, so one round of a fast hash is enough. */
export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest();

/** Says that a key was used now; written at most once a minute. */
export async function touchKey(db: Kysely<DB>, keyHash: Buffer): Promise<void> {
  await sql`update client set last_used_at = remit_now()
    where id = (select id from client where key_hash = ${keyHash} union all select client_id from client_former_key where key_hash = ${keyHash})
    and (last_used_at is null or last_used_at < remit_now() - interval '1 minute')`.execute(db);
}

export async function clientTarget(db: Kysely<DB>, clientId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'client' as kind, c.id, o.id as "organizationId", o.path, place_is_off(o.path) as off
    from client c join organization o on o.id = c.organization_id where c.id = ${clientId}`.execute(db);
  return rows[0];
}

/** A client as its events keep it: nothing of the key, and no name. */
export async function clientState(db: Kysely<DB>, clientId: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ state: Record<string, unknown> }>`
    select to_jsonb(c) - '{key_hash,key_hint,name}'::text[] as state from client c where c.id = ${clientId}`.execute(
    db,
  );
  return rows[0]!.state;
}

/** The clients that stand in an organization. */
export async function readClients(
  db: Kysely<DB>,
  organizationId: string,
  clientId?: string,
): Promise<z.infer<typeof clientView>[]> {
  const { rows } = await sql<z.infer<typeof clientView>>`
    select c.id, c.name, c.key_hint as hint,
      case when c.starts_at = '-infinity' then null else to_char(c.starts_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end as from,
      case when c.ends_at = 'infinity' then null else to_char(c.ends_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end as until,
      ${lastDayIn(sql`c.ends_at`, sql`(select o.time_zone from organization o where o.id = c.organization_id)`)} as "lastDay",
      case when c.state = 'active' and c.ends_at <= remit_now() then 'expired' else c.state end as state,
      to_char(c.last_used_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "lastUsedAt", c.version, c.feed,
      to_char(c.key_made_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "keyMadeAt",
      (select to_char(f.until at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from client_former_key f
        where f.client_id = c.id and f.until > remit_now()) as "formerKeyUntil",
      (select d.id from delegation d where d.delegate_client_id = c.id order by d.id desc limit 1) as "delegationId"
    from client c where c.organization_id = ${organizationId} ${clientId ? sql`and c.id = ${clientId}` : sql``}
    order by c.state, c.name, c.id`.execute(db);
  return rows;
}
