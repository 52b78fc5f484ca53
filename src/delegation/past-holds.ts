import { sql } from 'kysely';
import { whereRelated } from '../authority/chain.ts';
import type { RelationKind } from '../authority/delegation.ts';
import { type CeilingAnswer, ceilingsFrom, type StandingRow, toHolding } from '../authority/holds.ts';
import { ancestorsOf, isAtOrBelow } from '../authority/place.ts';
import type { Past } from './past.ts';
import { factsAt, linkOf, offAt, rolesAt } from './past-facts.ts';
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
  const given = [
    ...(await givenAt(past, membershipId, organizations, entitlementId)),
    ...(await givenByRules(past, membership, organizations, entitlementId)),
  ];
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
        throughOrganizationId: null,
        throughOrganizationName: null,
        why: (assignment.why as 'direct' | undefined) ?? 'rule',
        startsAt: assignment.starts_at as string,
        endsAt: assignment.ends_at as string,
        givenBy: (assignment.given_by as string | null) ?? null,
        membershipState: membership.state as string,
        memberFrom: membership.starts_at as string,
        memberUntil: membership.ends_at as string,
        userState: user.state as string,
        off,
        rulePath: (assignment.rule_path as string | undefined) ?? null,
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
  return thoseOf(past, assignments, entitlementId);
}

/** Of assignments or rules those that were active and gave this entitlement, by itself or in a bundle that held it then. */
async function thoseOf(
  past: Past,
  rows: ReadonlyMap<string, PastRow>,
  entitlementId: string,
): Promise<PastRow[]> {
  const active = [...rows.values()].filter(({ state }) => state === 'active');
  const roleIds = active.flatMap((row) => (row.access_role_id as string | null) ?? []);
  const bundles = await past.rows('access-role', sql`t.id = any (${roleIds}::uuid[])`);
  return active.filter((row) => {
    if (!row.access_role_id) return row.entitlement_id === entitlementId;
    const bundle = bundles.get(row.access_role_id as string);
    return bundle?.state === 'active' && (bundle.entitlement_ids as string[]).includes(entitlementId);
  });
}

/** Rules of the organizations at and above that fitted what was recorded of the member then. */
async function givenByRules(
  past: Past,
  membership: PastRow,
  organizations: readonly PastRow[],
  entitlementId: string,
): Promise<PastRow[]> {
  const ids = organizations.map(({ id }) => id);
  const rules = await past.rows('access-rule', sql`t.organization_id = any (${ids}::uuid[])`);
  const giving = await thoseOf(past, rules, entitlementId);
  if (giving.length === 0) return [];
  const { title, attributes } = await past.recordOf(membership.id);
  const fitting: PastRow[] = [];
  for (const rule of giving) {
    const inId = (rule.in_organization_id as string | null) ?? (rule.organization_id as string);
    const place = (await past.rows('organization', sql`t.id = ${inId}`)).get(inId)?.path as
      | string
      | undefined;
    const rulePath = organizations.find(({ id }) => id === rule.organization_id)!.path as string;
    if (place === undefined || !fits(rule, { path: membership.path as string, place, title, attributes }))
      continue;
    if (((rule.except_ids as string[] | null) ?? []).includes(membership.id)) continue;
    if (rule.group_id && !(await wasInGroup(past, membership, rule.group_id as string))) continue;
    if (rule.relation) {
      const facts = await factsAt(past, membership.id, rule.relation as RelationKind);
      const of = {
        relation: rule.relation as RelationKind,
        delegateOrganizationId: inId,
        relationPath: place,
      };
      if ((whereRelated(facts, of, membership.id) ?? []).length === 0) continue;
    }
    fitting.push({ ...rule, rule_path: rulePath });
  }
  return fitting;
}

/** An ended group has nobody, and whoever lay outside its organization was not in it. */
async function wasInGroup(past: Past, membership: PastRow, groupId: string): Promise<boolean> {
  const group = (await past.rows('group', sql`t.id = ${groupId}`)).get(groupId);
  if (group?.state !== 'active') return false;
  const organizationId = group.organization_id as string;
  const place = (await past.rows('organization', sql`t.id = ${organizationId}`)).get(organizationId);
  if (!place || !isAtOrBelow(membership.path as string, place.path as string)) return false;
  return past.memberOf(membership.id, groupId);
}

type Recorded = { path: string; place: string; title: string; attributes: Record<string, unknown> };

function fits(rule: PastRow, { path, place, title, attributes }: Recorded): boolean {
  const inside = path === place || (rule.below === true && isAtOrBelow(path, place));
  const called = !rule.title || title.trim().toLowerCase() === (rule.title as string).trim().toLowerCase();
  const wanted = Object.entries((rule.attributes as Record<string, unknown>) ?? {});
  const oneOf = (rule.any_of as { key: string; in: unknown[] }[] | null) ?? [];
  return (
    inside &&
    called &&
    oneOf.every(({ key, in: values }) => attributes[key] !== undefined && values.includes(attributes[key])) &&
    wanted.every(([key, value]) => JSON.stringify(attributes[key]) === JSON.stringify(value))
  );
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
