import { sql } from 'kysely';
import { type CeilingAnswer, ceilingsFrom, type StandingRow, toHolding } from '../authority/holds.ts';
import { ancestorsOf, isAtOrBelow } from '../authority/place.ts';
import type { Past } from './past.ts';
import { linkOf, offAt, rolesAt } from './past-facts.ts';
import type { PastRow } from './past-rows.ts';

/** Whether somebody had access then, and what kept it from them. `none`: nobody had given it. */
export type HeldThen = {
  held: boolean;
  stoppedBy: ReturnType<typeof toHolding>['stoppedBy'] | 'none';
  ceiling: CeilingAnswer | undefined;
};

/**
 * Did this membership have this entitlement then? From assignments, bundles, states and ceilings of that instant, judged
 * by what judges today's.
 */
export async function heldAt(past: Past, membershipId: string, entitlementId: string): Promise<HeldThen> {
  const none: HeldThen = { held: false, stoppedBy: 'none', ceiling: undefined };
  const one = async (kind: Parameters<Past['rows']>[0], id: unknown): Promise<PastRow | undefined> =>
    (await past.rows(kind, sql`t.id = ${id as string}`)).get(id as string);
  const membership = await one('membership', membershipId);
  const user = membership && (await one('user', membership.user_id));
  const entitlement = await one('entitlement', entitlementId);
  const application = entitlement && (await one('application', entitlement.application_id));
  if (!membership || membership.state === 'ended' || !user || !entitlement || !application) return none;
  const path = membership.path as string;
  const above = ancestorsOf(path);
  const organizations = await past.organizationsAt(above);
  const given = await givenAt(past, membershipId, organizations, entitlementId);
  if (given.length === 0) return none;
  const ceilings = ceilingsFrom(past.at, await standingAt(past, organizations));
  const off = (await offAt(past, above)).length > 0;
  const holdings = given.map((assignment) =>
    toHolding(
      {
        assignmentId: assignment.id,
        membershipId,
        userId: user.id,
        organizationId: membership.organization_id as string,
        path,
        entitlementId,
        entitlementKey: '',
        entitlementName: '',
        applicationId: application.id,
        applicationKey: '',
        applicationName: '',
        accessRoleId: (assignment.access_role_id as string | null) ?? null,
        accessRoleName: null,
        throughOrganizationId: (assignment.organization_id as string | null) ?? null,
        throughOrganizationName: null,
        why: assignment.why as 'direct',
        startsAt: assignment.starts_at as string,
        endsAt: assignment.ends_at as string,
        givenBy: (assignment.given_by as string | null) ?? null,
        membershipState: membership.state as string,
        memberFrom: membership.starts_at as string,
        memberUntil: membership.ends_at as string,
        userState: user.state as string,
        off,
        live: application.state === 'active' && entitlement.state === 'active',
      },
      ceilings,
      past.at,
    ),
  );
  const best = holdings.find(({ held }) => held) ?? holdings[0]!;
  return { held: best.held, stoppedBy: best.stoppedBy, ceiling: best.ceiling };
}

/** Assignments in force, to the person or to an organization above, of the entitlement or a bundle that held it. */
async function givenAt(
  past: Past,
  membershipId: string,
  organizations: readonly PastRow[],
  entitlementId: string,
): Promise<PastRow[]> {
  const assignments = await past.rows(
    'assignment',
    sql`(t.membership_id = ${membershipId} or t.organization_id = any (${organizations.map(({ id }) => id)}::uuid[]))
      and (t.entitlement_id = ${entitlementId} or t.access_role_id is not null)`,
  );
  const active = [...assignments.values()].filter(({ state }) => state === 'active');
  const roleIds = active.flatMap((row) => (row.access_role_id as string | null) ?? []);
  const bundles = await past.rows('access-role', sql`t.id = any (${roleIds}::uuid[])`);
  return active.filter((row) => {
    if (!row.access_role_id) return true;
    const bundle = bundles.get(row.access_role_id as string);
    return bundle?.state === 'active' && (bundle.entitlement_ids as string[]).includes(entitlementId);
  });
}

/** The standing delegations of these organizations, whatever their state, with their chains. */
async function standingAt(past: Past, organizations: readonly PastRow[]): Promise<StandingRow[]> {
  const paths = new Map(organizations.map(({ id, path }) => [id, path as string]));
  const links = await past.links(
    sql`t.delegate_kind = 'organization' and t.kind = 'administer' and t.delegate_organization_id = any (${[...paths.keys()]}::uuid[])`,
  );
  const roles = await rolesAt(past, links);
  const off = await offAt(
    past,
    [...links.values()].flatMap((link) => (link.place_paths as string[]).flatMap(ancestorsOf)),
  );
  return [...links.values()].map((link) => {
    const { own, places, ...rest } = linkOf(link);
    return {
      ...rest,
      permissions: [...own, ...(roles[rest.adminRoleId ?? ''] ?? [])],
      offPlaces: places.filter((place) => off.some((one) => isAtOrBelow(place, one))),
      standingPath:
        link.delegate_kind === 'organization' && link.kind === 'administer'
          ? (paths.get(link.delegate_organization_id as string) ?? null)
          : null,
    };
  });
}
