import { sql } from 'kysely';
import type { RelationKind, Target } from '../authority/delegation.ts';
import { type Facts, type FactsRow, instant, nothing, toFacts } from '../authority/facts.ts';
import { ancestorsOf, isAtOrBelow } from '../authority/place.ts';
import type { Past } from './past.ts';
import type { PastRow } from './past-rows.ts';

/** Levels of line managers that count, as the database keeps them. */
const mostLevels = 16;

type Links = Map<string, PastRow>;
type Person = { membership: PastRow; user: PastRow };

const ofUser = (link: PastRow, memberships: readonly string[], kind: 'administer' | 'approve'): boolean =>
  link.delegate_kind === 'user' &&
  link.kind === kind &&
  memberships.includes(link.delegate_membership_id as string);

/**
 * The facts under which this membership acted at that instant, put together as the statement that loads today's facts
 * does, so that the same pure `decide` answers (design, section 2).
 * @param asking a relation that is asked for beside those that links were given to
 */
export async function factsAt(past: Past, membershipId: string, asking?: RelationKind): Promise<Facts> {
  const me = (await peopleAt(past, [membershipId])).get(membershipId);
  if (!me) return { at: past.at, actor: { kind: 'anonymous' }, noStanding: 'no-membership', ...nothing };
  const links: Links = new Map();
  const deciding = await withGivers(past, links, membershipId);
  const ownPaths = [
    me.membership.path as string,
    ...[...(await peopleAt(past, deciding)).values()].map(({ membership }) => membership.path as string),
    ...[...links.values()].flatMap((link) =>
      ofUser(link, deciding, 'administer') ? (link.place_paths as string[]) : [],
    ),
  ];
  const around = [...new Set(ownPaths.flatMap(ancestorsOf))];
  const related = await relatedAt(past, links, around);
  const givers = [...links.values()].flatMap((link) => {
    const parent = links.get(link.parent_id as string);
    return parent?.delegate_kind === 'relation' && link.giver_membership_id
      ? [link.giver_membership_id as string]
      : [];
  });
  await addLinks(
    past,
    links,
    sql`t.delegate_kind = 'user' and t.kind = 'administer' and t.delegate_membership_id = any (${givers}::uuid[])`,
  );
  const people = await peopleAt(past, [...new Set([membershipId, ...deciding, ...givers])]);
  const off = await offAt(past, [
    ...around,
    ...[...links.values()].flatMap((link) => (link.place_paths as string[]).flatMap(ancestorsOf)),
    ...[...people.values()].flatMap(({ membership }) => ancestorsOf(membership.path as string)),
  ]);
  const isOff = (path: string): boolean => off.some((above) => isAtOrBelow(path, above));
  const standers = await standersAt(
    past,
    people,
    [...related.map(({ relation }) => relation as RelationKind), ...(asking ? [asking] : [])],
    isOff,
  );
  const row: FactsRow = {
    at: past.at,
    me: {
      sessionId: null,
      userId: me.user.id,
      displayName: '',
      userState: me.user.state as string,
      language: 'en',
      membershipId,
      membershipState: me.membership.state as string,
      startsAt: me.membership.starts_at as string,
      endsAt: me.membership.ends_at as string,
      organizationId: me.membership.organization_id as string,
      path: me.membership.path as string,
      off: isOff(me.membership.path as string),
      clientId: null,
    },
    links: [...links.values()].map(linkOf),
    roles: await rolesAt(past, links),
    off,
    // The actor stands in relations only: whoever decides for others is not their own deputy.
    standers,
    exceptions: await exceptionsAt(past, ownPaths),
  };
  return toFacts(row, true);
}

async function addLinks(past: Past, links: Links, which: Parameters<Past['links']>[0]): Promise<void> {
  for (const [id, link] of await past.links(which)) links.set(id, link);
}

/** The links of the actor and of those whose deputy they were, up to three deep. */
async function withGivers(past: Past, links: Links, membershipId: string): Promise<string[]> {
  const people = [membershipId];
  for (let deep = 0, latest = people; deep <= 3 && latest.length > 0; deep += 1) {
    await addLinks(
      past,
      links,
      sql`t.delegate_kind = 'user' and t.delegate_membership_id = any (${latest}::uuid[])`,
    );
    latest = [...links.values()].flatMap((link) => {
      const giver = link.giver_membership_id as string | null;
      return ofUser(link, people, 'approve') && giver && !people.includes(giver) ? [giver] : [];
    });
    people.push(...new Set(latest));
  }
  return people;
}

/** Links given to whoever stands in a relation somewhere around; they are added to the others. */
async function relatedAt(past: Past, links: Links, around: readonly string[]): Promise<PastRow[]> {
  const organizations = await past.organizationsAt(around);
  await addLinks(
    past,
    links,
    sql`t.delegate_kind = 'relation' and t.delegate_organization_id = any (${organizations.map(({ id }) => id)}::uuid[])`,
  );
  return [...links.values()].filter(({ delegate_kind: kind }) => kind === 'relation');
}

async function peopleAt(past: Past, membershipIds: readonly string[]): Promise<Map<string, Person>> {
  if (membershipIds.length === 0) return new Map();
  const memberships = await past.rows('membership', sql`t.id = any (${membershipIds}::uuid[])`);
  const userIds = [...memberships.values()].map((row) => row.user_id as string);
  const users = await past.rows('user', sql`t.id = any (${userIds}::uuid[])`);
  const people = new Map<string, Person>();
  for (const [id, membership] of memberships) {
    const user = users.get(membership.user_id as string);
    if (user) people.set(id, { membership, user });
  }
  return people;
}

/** Those of these places that were suspended or closed. */
export async function offAt(past: Past, paths: readonly string[]): Promise<string[]> {
  return (await past.organizationsAt([...new Set(paths)]))
    .filter(({ state }) => state !== 'active')
    .map(({ path }) => path as string);
}

/** Permissions by admin role, as they were. */
export async function rolesAt(past: Past, links: Links): Promise<Record<string, string[]>> {
  const ids = [
    ...new Set([...links.values()].flatMap((link) => (link.admin_role_id as string | null) ?? [])),
  ];
  const roles = await past.rows('admin-role', sql`t.id = any (${ids}::uuid[])`);
  return Object.fromEntries([...roles].map(([id, role]) => [id, role.permissions as string[]]));
}

type LinkFact = NonNullable<FactsRow['links']>[number];

export const linkOf = (link: PastRow): LinkFact =>
  ({
    id: link.id,
    kind: link.kind,
    parentId: link.parent_id ?? null,
    chain: link.chain,
    giverUserId: link.giver_user_id ?? null,
    giverDelegationId: link.giver_delegation_id ?? null,
    delegateKind: link.delegate_kind,
    delegateUserId: link.delegate_user_id ?? null,
    delegateMembershipId: link.delegate_membership_id ?? null,
    delegateOrganizationId: link.delegate_organization_id ?? null,
    delegateClientId: link.delegate_client_id ?? null,
    relation: link.relation ?? null,
    relationPath: link.relation_path ?? null,
    giverMembershipId: link.giver_membership_id ?? null,
    adminRoleId: link.admin_role_id ?? null,
    own: link.permissions,
    places: link.place_paths,
    scope: link.scope,
    entitlements: link.entitlements,
    startsAt: link.starts_at,
    endsAt: link.ends_at,
    mayPassOn: link.may_pass_on,
    seats: link.seats ?? null,
    state: link.state,
    endedAt: link.ended_at ?? null,
    version: link.version ?? 1,
  }) as unknown as LinkFact;

async function standersAt(
  past: Past,
  people: Map<string, Person>,
  relations: readonly RelationKind[],
  isOff: (path: string) => boolean,
): Promise<NonNullable<FactsRow['standers']>> {
  const leading = relations.includes('line-managers') ? await withReports(past, people) : new Set<string>();
  const guardians = relations.includes('guardians')
    ? await past.rows('guardian', sql`t.membership_id = any (${[...people.keys()]}::uuid[])`)
    : new Map<string, PastRow>();
  const households = await past.rows(
    'organization',
    sql`t.id = any (${[...guardians.values()].map((row) => row.organization_id as string)}::uuid[])`,
  );
  return [...people].map(([membershipId, { membership, user }]) => ({
    membershipId,
    userId: user.id,
    userState: user.state as string,
    displayName: '',
    language: 'en',
    membershipState: membership.state as string,
    startsAt: membership.starts_at as string,
    endsAt: membership.ends_at as string,
    organizationId: membership.organization_id as string,
    path: membership.path as string,
    off: isOff(membership.path as string),
    canSignIn: false,
    reportsUntil: leading.has(membershipId) ? 'infinity' : null,
    guardianships: [...guardians.values()].flatMap((row) => {
      const path = households.get(row.organization_id as string)?.path;
      return row.membership_id === membershipId && row.state === 'active' && typeof path === 'string'
        ? [{ path, startsAt: row.starts_at as string, endsAt: row.ends_at as string }]
        : [];
    }),
  }));
}

/** Whose reports were active: of those who name them now, or named them before a later change. */
async function withReports(past: Past, people: Map<string, Person>): Promise<Set<string>> {
  const ids = [...people.keys()];
  const reports = await past.rows(
    'membership',
    sql`(t.line_manager_id = any (${ids}::uuid[]) or t.id in (
      select e.target_id from event e where e.target_kind = 'membership' and e.at > ${past.at}
        and e.before ->> 'lineManagerId' = any (${ids}::text[])))`,
  );
  const leading = new Set<string>();
  for (const row of reports.values()) {
    const manager = people.get(row.line_manager_id as string);
    // Somebody suspended, or still to come, is a report already.
    const there = row.state !== 'ended' && past.at < instant(String(row.ends_at));
    if (manager && manager.user.id !== row.user_id && there) leading.add(manager.membership.id);
  }
  return leading;
}

/** Exceptions in the places around the actor's, and below them. */
async function exceptionsAt(past: Past, ownPaths: readonly string[]): Promise<FactsRow['exceptions']> {
  const now = [...new Set(ownPaths.map((path) => past.nowAt(path)))];
  const around = [...new Set(now.flatMap(ancestorsOf))];
  const rows = await past.rows(
    'exception',
    sql`(t.path = any (${around}::text[]) or exists (
      select 1 from unnest(${now}::text[]) own (path) where t.path >= own.path collate "C" and t.path < own.path || '/' collate "C"))`,
  );
  const active = [...rows.values()].filter(({ state }) => state === 'active');
  const ids = active.flatMap((row) => (row.set_under as string | null) ?? []);
  const under = await past.links(sql`t.id = any (${ids}::uuid[])`);
  return active.map((row) => ({
    id: row.id,
    organizationId: row.organization_id as string,
    path: row.path as string,
    below: row.below as boolean,
    permissions: row.permissions as string[],
    applicationId: (row.application_id as string | null) ?? null,
    entitlementId: (row.entitlement_id as string | null) ?? null,
    userId: (row.user_id as string | null) ?? null,
    free: [
      ...((under.get(row.set_under as string)?.chain as string[]) ?? []),
      row.set_under as string | null,
    ],
    startsAt: row.starts_at as string,
    endsAt: row.ends_at as string,
  }));
}

/** Where an organization stood then; undefined when it did not exist. */
export async function organizationTargetAt(past: Past, organizationId: string): Promise<Target | undefined> {
  const row = (await past.rows('organization', sql`t.id = ${organizationId}`)).get(organizationId);
  if (!row) return undefined;
  const path = row.path as string;
  const off = (await offAt(past, ancestorsOf(path))).length > 0;
  return { kind: 'organization', id: row.id, organizationId: row.id, path, off };
}

/** Where a person stood then, with their line managers of then. */
export async function membershipTargetAt(past: Past, membershipId: string): Promise<Target | undefined> {
  const row = (await past.rows('membership', sql`t.id = ${membershipId}`)).get(membershipId);
  if (!row) return undefined;
  const path = row.path as string;
  return {
    kind: 'membership',
    id: row.id,
    organizationId: row.organization_id as string,
    path,
    off: (await offAt(past, ancestorsOf(path))).length > 0,
    userId: row.user_id as string,
    line: await lineAt(past, row),
  };
}

/** The reporting line above a membership, nearest first; it stops at a circle and never holds its start. */
async function lineAt(past: Past, start: PastRow): Promise<string[]> {
  const line: string[] = [];
  let above = start.line_manager_id as string | null;
  while (above && above !== start.id && !line.includes(above) && line.length < mostLevels) {
    line.push(above);
    const row = (await past.rows('membership', sql`t.id = ${above}`)).get(above);
    above = (row?.line_manager_id as string | null) ?? null;
  }
  return line;
}
