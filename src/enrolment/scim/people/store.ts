import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Context } from '../../../operation/operation.ts';
import { refuse } from '../../../platform/refusals.ts';
import type { DB } from '../../../platform/schema.gen.ts';
import { type Door, readId } from '../connection/door.ts';
import { people, userNameOf } from './user-rows.ts';
import type { Wish } from './user-state.ts';

/** What a feed calls somebody, and which addresses it sent. */
export async function keepUser(
  db: Kysely<DB>,
  membershipId: string,
  { userName, emails }: Pick<Wish, 'userName' | 'emails'>,
): Promise<void> {
  const kept = JSON.stringify(emails.map(({ value, type }) => ({ value, ...(type ? { type } : {}) })));
  await sql`insert into scim_user (membership_id, user_name, emails) values (${membershipId}, ${userName}, ${kept}::jsonb)
    on conflict (membership_id) do update set user_name = excluded.user_name, emails = excluded.emails`.execute(
    db,
  );
}

/** The caller's own id for a resource; null for none. */
export async function keepExternalId(
  db: Kysely<DB>,
  { ownerId }: Door,
  resourceId: string,
  externalId: string | null,
): Promise<void> {
  if (externalId === null)
    await sql`delete from scim_external where owner_id = ${ownerId} and resource_id = ${resourceId}`.execute(
      db,
    );
  else
    await sql`insert into scim_external (owner_id, resource_id, external_id) values (${ownerId}, ${resourceId}, ${externalId})
      on conflict (owner_id, resource_id) do update set external_id = excluded.external_id`.execute(db);
}

/**
 * Nobody else whom the caller sees here has this user name; of two calls at once, one comes second. Whoever is out of
 * sight does not count: that they exist would be told otherwise.
 * @throws Refusal `scim.uniqueness`
 */
export async function requireFreeName(
  context: Context,
  door: Door,
  userName: string,
  except?: string,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`scim ${door.organizationId} `} || lower(${userName}::text), 0))`.execute(
    context.db,
  );
  const { rows } = await sql`
    select 1 ${people(context, door, sql<boolean>`lower(${userNameOf}) = lower(${userName}::text) and ${namedLike(door, userName)} and m.id is distinct from ${except ?? null}::uuid`)} limit 1`.execute(
    context.db,
  );
  if (rows.length > 0) throw refuse('scim.uniqueness', { name: 'userName' });
}

/** Whoever may have this user name, found by indexes; who has it is asked beside this. */
export function namedLike({ organizationId }: Door, userName: string): RawBuilder<boolean> {
  const id = readId(userName);
  return sql<boolean>`m.id in (
    select s.membership_id from scim_user s where lower(s.user_name) = lower(${userName}::text)
    union all select n.id from app_user a join membership n on n.user_id = a.id where lower(a.email) = lower(${userName}::text)
    union all select n.id from app_user a join membership n on n.user_id = a.id where lower(a.user_name) = lower(${userName}::text)
    ${
      id
        ? sql`union all select ${id}::uuid
      union all select s.membership_id from scim_identity s where s.organization_id = ${organizationId} and s.id = ${id}`
        : sql``
    })`;
}
