import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { MembershipRow } from '../../../directory/store.ts';
import type { DB } from '../../../platform/schema.gen.ts';

/**
 * The `id` of a user at an organization's SCIM address: it stays for the life of the resource (RFC 7643, section 3.1), which
 * is as long as somebody is a member anywhere below that address. It is the id of their first membership there; a move
 * goes on with it under another membership. Whoever leaves takes it along for good.
 */

/** Row `si` of the membership `m` at an address, if it has an id other than its own. */
export const identityOf = (
  alias: 'si' | 'sl',
  organizationId: string,
  membership: RawBuilder<unknown>,
): RawBuilder<unknown> => {
  const row = sql.ref(alias);
  return sql`left join scim_identity ${row} on ${row}.organization_id = ${organizationId} and ${row}.membership_id = ${membership}`;
};

/** The membership that each of these ids names at an address, if any, whoever sees it and whatever became of it. */
export async function membershipsNamed(
  db: Kysely<DB>,
  organizationId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; membershipId: string }>`
    select w.id, coalesce(si.membership_id, m.id) as "membershipId" from unnest(${ids}::uuid[]) w (id)
    left join scim_identity si on si.organization_id = ${organizationId} and si.id = w.id
    left join membership m on m.id = w.id
      and not exists (select 1 from scim_identity x where x.organization_id = ${organizationId} and x.membership_id = m.id)
    where coalesce(si.membership_id, m.id) is not null`.execute(db);
  return new Map(rows.map(({ id, membershipId }) => [id, membershipId]));
}

/**
 * Somebody goes on under another membership, at every address that contains both places. What feeds keep of them goes
 * along: each its own id, and what they are called where one of those who go on seeing them says so.
 */
export async function carryIdentity(
  db: Kysely<DB>,
  before: Pick<MembershipRow, 'id' | 'path'>,
  after: Pick<MembershipRow, 'id' | 'path'>,
): Promise<void> {
  await sql`
    insert into scim_identity (organization_id, membership_id, id, created_at)
    select o.id, ${after.id}, coalesce(s.id, m.id), coalesce(s.created_at, m.created_at)
    from membership m join organization o on o.path = any (path_ancestors(${before.path})) and o.path = any (path_ancestors(${after.path}))
    left join scim_identity s on s.organization_id = o.id and s.membership_id = m.id
    where m.id = ${before.id}
    on conflict (organization_id, id) do update set membership_id = excluded.membership_id`.execute(db);
  await sql`
    insert into scim_user (membership_id, user_name, emails)
    select ${after.id}, s.user_name, s.emails from scim_user s where s.membership_id = ${before.id} and exists (
      select 1 from scim_external x join client c on c.id = x.owner_id join organization o on o.id = c.organization_id
      where x.resource_id = s.membership_id and o.path = any (path_ancestors(${after.path})))`.execute(db);
  await sql`update scim_external set resource_id = ${after.id} where resource_id = ${before.id}`.execute(db);
}
