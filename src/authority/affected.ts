import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import type { Move } from './difference.ts';

/** What a change touched, as its events name it. */
export type Focus = {
  delegations: string[];
  adminRoles: string[];
  clients: string[];
  memberships: string[];
  users: string[];
  /** places whose standing or reach changed, wherever they were and are */
  places: string[];
  moves: Move[];
  /** places where other acts are free or forbidden now; nobody's access changes by that */
  forbidden: string[];
  /** places where access may be held by other rules now */
  accessPlaces: string[];
  assignments: string[];
  accessRoles: string[];
  entitlements: string[];
  applications: string[];
};

/** Whose powers and whose access can be other than before. */
export type Affected = { members: Set<string>; clients: Set<string>; people: Set<string> };

/** More than these are not compared one by one. */
export const mostAffected = 50_000;

const below = (column: RawBuilder<unknown>, paths: readonly string[]): RawBuilder<boolean> =>
  paths.length === 0
    ? sql<boolean>`false`
    : sql<boolean>`(${sql.join(
        paths.map((path) => sql`(${column} >= ${path} and ${column} < ${`${path}/`})`),
        sql` or `,
      )})`;

/**
 * Who holds a link that was touched, one below it, or one over a place that was; through relations, too; and who decides
 * for them or was given something by them. Asked in the state before and in the state after: somebody may be in one of
 * them only.
 */
export async function affectedBy(db: Kysely<DB>, focus: Focus): Promise<Affected> {
  const changed = await changedLinks(db, focus);
  const reaching = await reachingLinks(db, [...focus.places, ...focus.forbidden]);
  const members = new Set([...focus.memberships, ...(await membershipsOf(db, focus.users))]);
  const clients = new Set(focus.clients);
  const add = (links: Touched[]): void => {
    for (const { membershipId, clientId } of links) {
      if (membershipId) members.add(membershipId);
      if (clientId) clients.add(clientId);
    }
  };
  add([...changed, ...reaching]);
  for (const id of await standers(db, [...changed, ...reaching])) members.add(id);
  // What was given below a relation rests on its giver's standing, and a deputy on their giver's power: to the end.
  let givers = [...members];
  for (let round = 0; round < 4 && givers.length > 0 && members.size <= mostAffected; round += 1) {
    const known = new Set(members);
    const given = await givenBy(db, givers);
    add(given);
    for (const id of await standers(db, given)) members.add(id);
    givers = [...members].filter((id) => !known.has(id));
  }
  return { members, clients, people: await peopleWithAccess(db, focus, changed) };
}

type Touched = {
  id: string;
  membershipId: string | null;
  clientId: string | null;
  organizationPath: string | null;
  relation: string | null;
  relationPath: string | null;
};

const touched = sql`d.id, d.delegate_membership_id as "membershipId", d.delegate_client_id as "clientId", d.relation,
  d.relation_path as "relationPath", (select o.path from organization o where d.delegate_kind = 'organization' and o.id = d.delegate_organization_id) as "organizationPath"`;

async function changedLinks(db: Kysely<DB>, focus: Focus): Promise<Touched[]> {
  const { rows } = await sql<Touched>`
    with first as materialized (
      select d.id from delegation d where d.id = any (${focus.delegations}::uuid[])
      union select d.id from delegation d where d.admin_role_id = any (${focus.adminRoles}::uuid[])
      union select d.id from delegation d where d.delegate_kind = 'client' and d.delegate_client_id = any (${focus.clients}::uuid[])
    )
    select ${touched} from delegation d where d.id in (select id from first)
    union
    select ${touched} from first f join delegation d on d.chain @> array[f.id]`.execute(db);
  return rows;
}

/**
 * Links whose holders' reach, or standing, changes with a place: over it, above it, below it, or held from there. The
 * laterals keep the planner on the indexes: it would read all links for some hundreds of places.
 */
async function reachingLinks(db: Kysely<DB>, places: readonly string[]): Promise<Touched[]> {
  if (places.length === 0) return [];
  const { rows } = await sql<Touched>`
    with above as (select distinct a.path from unnest(${places}::text[]) p (path), unnest(path_ancestors(p.path)) a (path)),
    inside as materialized (select o.id, o.path from organization o where ${below(sql`o.path`, places)})
    select ${touched} from (select path::text from above union select path::text from inside) p
    cross join lateral (select d.* from delegation d where d.place_paths @> array[p.path collate "default"] offset 0) d
    where d.kind = 'administer' and d.delegate_kind <> 'root' and d.state <> 'ended'
    union
    select ${touched} from delegation d where d.kind = 'administer' and d.place_paths = '{}' and d.delegate_kind <> 'root' and d.state <> 'ended'
    union
    select ${touched} from membership m cross join lateral (select d.* from delegation d
      where d.delegate_membership_id = m.id and d.delegate_kind = 'user' and d.kind <> 'represent' and d.state <> 'ended' offset 0) d
    where ${below(sql`m.path`, places)} and m.state <> 'ended'
    union
    select ${touched} from client c join delegation d on d.delegate_client_id = c.id and d.delegate_kind = 'client'
    where c.organization_id in (select id from inside) and d.state <> 'ended'
    union
    select ${touched} from delegation d where d.delegate_kind = 'relation' and d.state <> 'ended'
      and d.relation_path in (select path from above union select path from inside)`.execute(db);
  return rows;
}

async function membershipsOf(db: Kysely<DB>, users: readonly string[]): Promise<string[]> {
  if (users.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select id from membership where user_id = any (${users}::uuid[]) and state <> 'ended'`.execute(db);
  return rows.map(({ id }) => id);
}

async function givenBy(db: Kysely<DB>, members: readonly string[]): Promise<Touched[]> {
  const { rows } = await sql<Touched>`
    with given as materialized (
      select d.id, d.kind from unnest(${members}::uuid[]) g (id)
      cross join lateral (select d.id, d.kind, d.parent_id from delegation d
        where d.giver_membership_id = g.id and d.kind <> 'represent' and d.state <> 'ended' offset 0) d
      where d.kind = 'approve' or (select p.delegate_kind from delegation p where p.id = d.parent_id) = 'relation'
    )
    select ${touched} from delegation d where d.id in (select id from given)
    union
    select ${touched} from given g join delegation d on d.chain @> array[g.id] where g.kind <> 'approve'`.execute(
    db,
  );
  return rows;
}

/** Everybody who could stand in the relations of these links. */
async function standers(db: Kysely<DB>, links: readonly Touched[]): Promise<string[]> {
  const paths = (relation: string): string[] => [
    ...new Set(links.flatMap((link) => (link.relation === relation ? [link.relationPath!] : []))),
  ];
  if (!links.some(({ relation }) => relation)) return [];
  const managed = paths('managers');
  const { rows } = await sql<{ id: string }>`
    select m.id from membership m where ${below(sql`m.path`, paths('members'))} and m.state <> 'ended'
    union
    select m.id from membership m where ${below(sql`m.path`, paths('line-managers'))} and m.state <> 'ended'
      and exists (select 1 from membership r where r.line_manager_id = m.id)
    union
    select g.membership_id from organization o join guardian g on g.organization_id = o.id where ${below(sql`o.path`, paths('guardians'))}
    union
    select d.delegate_membership_id from delegation d
    where d.kind = 'administer' and d.delegate_kind = 'user' and d.state <> 'ended'
      and (${below(sql`d.place_paths[1] collate "C"`, managed)} or cardinality(d.place_paths) > 1 and ${managed.length > 0})
    limit ${mostAffected + 1}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Members whose access rests on a standing delegation, a place, an assignment or a thing that was touched. */
async function peopleWithAccess(
  db: Kysely<DB>,
  focus: Focus,
  changed: readonly Touched[],
): Promise<Set<string>> {
  const standing = changed.flatMap(({ organizationPath }) => organizationPath ?? []);
  const places = topmost([...standing, ...focus.places, ...focus.accessPlaces]);
  const { rows } = await sql<{ id: string }>`
    with given as materialized (
      select a.membership_id, a.organization_id from assignment a where a.id = any (${focus.assignments}::uuid[])
      union select a.membership_id, a.organization_id from assignment a where a.state = 'active' and (
        a.access_role_id in (
          select r.id from access_role r where r.id = any (${focus.accessRoles}::uuid[])
          union select re.access_role_id from access_role_entitlement re join entitlement e on e.id = re.entitlement_id
            where e.id = any (${focus.entitlements}::uuid[]) or e.application_id = any (${focus.applications}::uuid[]))
        or a.entitlement_id in (select e.id from entitlement e
          where e.id = any (${focus.entitlements}::uuid[]) or e.application_id = any (${focus.applications}::uuid[])))
    )
    select m.id from unnest(${places}::text[]) p (path) cross join lateral (select m.id from membership m
      where m.path >= p.path collate "C" and m.path < (p.path || '/') collate "C" and m.state <> 'ended' offset 0) m
    union select m.id from membership m where m.id = any (${focus.memberships}::uuid[])
    union select m.id from membership m where m.user_id = any (${focus.users}::uuid[])
    union select membership_id from given where membership_id is not null
    union select m.id from given g join organization o on o.id = g.organization_id
      cross join lateral (select m.id from membership m where m.path >= o.path and m.path < o.path || '/' and m.state <> 'ended' offset 0) m
    limit ${mostAffected + 1}`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Places below others among them say nothing more. */
const topmost = (paths: readonly string[]): string[] => {
  const sorted = [...new Set(paths)].sort();
  const tops: string[] = [];
  for (const path of sorted) {
    const last = tops.at(-1);
    if (last === undefined || !(path === last || path.startsWith(`${last}.`))) tops.push(path);
  }
  return tops;
};
