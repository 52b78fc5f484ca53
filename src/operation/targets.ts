import { type Kysely, sql } from 'kysely';
import type { EntitlementRef, Target } from '../authority/delegation.ts';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';

/**
 * Where the things of the directory stand, found once, inside the transaction that acts on them. An ended
 * membership is still found: the operation says why it does nothing with it.
 */
export async function organizationTarget(
  db: Kysely<DB>,
  organizationId: string,
): Promise<Target | undefined> {
  return (await organizationTargets(db, [organizationId])).get(organizationId);
}

/** Many at once, by one statement; ids that do not exist are absent. */
export async function organizationTargets(
  db: Kysely<DB>,
  organizationIds: readonly string[],
): Promise<Map<string, Target>> {
  if (organizationIds.length === 0) return new Map();
  const { rows } = await sql<Target & { id: string }>`${prepared}
    select 'organization' as kind, o.id, o.id as "organizationId", o.path, place_is_off(o.path) as off
    from organization o where o.id = any (${organizationIds}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Acts on a membership need that membership in reach. */
export async function membershipTarget(db: Kysely<DB>, membershipId: string): Promise<Target | undefined> {
  return (await membershipTargets(db, [membershipId])).get(membershipId);
}

/** Many at once, by one statement; ids that do not exist are absent. */
export async function membershipTargets(
  db: Kysely<DB>,
  membershipIds: string[],
): Promise<Map<string, Target>> {
  if (membershipIds.length === 0) return new Map();
  const { rows } = await sql<Target & { id: string }>`${prepared}
    select 'membership' as kind, m.id, m.organization_id as "organizationId", m.path, place_is_off(m.path) as off, m.user_id as "userId", m.line
    from membership m where m.id = any (${membershipIds}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Acts on an account (its address, its sign-in) need the home membership's organization in reach. */
export async function accountTarget(db: Kysely<DB>, userId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'user' as kind, u.id, u.home_organization_id as "organizationId", o.path, place_is_off(o.path) as off, u.id as "userId",
      coalesce(line_of(u.id, o.path), '{}') as line
    from app_user u join organization o on o.id = u.home_organization_id where u.id = ${userId}`.execute(db);
  return rows[0];
}

/** The same place and person, for an act that gives or takes this entitlement. */
export const withEntitlement = (target: Target, entitlement: EntitlementRef): Target => ({
  ...target,
  entitlement,
});
