import { type Kysely, sql } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';
import type { Take } from './take.ts';

/** What stands of a tree that was taken over before, by the keys of its files. Everything absent is new. */
export type Stand = {
  /** organization of the files' root; undefined the first time */
  topId: string | undefined;
  organizations: Map<string, StandingOrganization>;
  users: Map<string, StandingUser>;
  /** `user id, organization id` */
  memberships: Map<string, StandingMembership>;
  /** `user id, organization id, admin role id` */
  managers: Map<string, StandingManager>;
  applications: Map<string, StandingApplication>;
  /** `organization id, entitlement id` -> whether it is in force */
  assignments: Map<string, boolean>;
  /** names of children that no file brought: `parent id, lower name` */
  otherNames: Set<string>;
  /** user names in use: `home organization id, lower user name` -> user id */
  userNames: Map<string, string>;
  /** keys of admin roles -> id and permissions */
  adminRoles: Map<string, { id: string; permissions: string[] }>;
};

export type StandingOrganization = {
  id: string;
  parentId: string | null;
  path: string;
  name: string;
  description: string;
  state: 'active' | 'suspended' | 'closed';
  version: number;
};
export type StandingUser = {
  id: string;
  displayName: string;
  email: string | null;
  proved: boolean;
  hasSignIn: boolean;
  homeId: string;
  homePath: string;
  state: string;
  version: number;
};
export type StandingMembership = { id: string; live: boolean };
export type StandingManager = { id: string; live: boolean; mayPassOn: number; version: number };
export type StandingApplication = {
  id: string;
  live: boolean;
  roles: Map<string, { id: string; live: boolean }>;
};

export const pair = (...parts: string[]): string => parts.join('\n');

/** Loads what stands below `organizationId` of this tree. A root key that no file brought there means: nothing. */
export async function loadStand(db: Kysely<DB>, organizationId: string, take: Take): Promise<Stand> {
  const rootKey = take.organizations[0]?.id ?? '';
  const topId = await findTop(db, organizationId, rootKey);
  const stand: Stand = {
    topId,
    organizations: new Map(),
    users: new Map(),
    memberships: new Map(),
    managers: new Map(),
    applications: new Map(),
    assignments: new Map(),
    otherNames: new Set(),
    userNames: new Map(),
    adminRoles: await loadAdminRoles(db),
  };
  await loadOrganizations(db, stand, organizationId);
  if (!topId) return stand;
  await loadUsers(db, stand, topId);
  await loadMemberships(db, stand);
  await loadManagers(db, stand);
  await loadApplications(db, stand, topId);
  return stand;
}

/**
 * The organization that this root became, among those directly below. Exports of what no file brought name
 * organizations by their id.
 */
async function findTop(db: Kysely<DB>, organizationId: string, rootKey: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select o.id from organization o where o.parent_id = ${organizationId} and (
      o.id::text = ${rootKey} or exists (select 1 from import_key k where k.top_organization_id = o.id and k.id = o.id
        and k.kind = 'organization' and k.key = ${rootKey}))
    order by o.state = 'closed', o.created_at desc limit 1`.execute(db);
  return rows[0]?.id;
}

async function loadOrganizations(db: Kysely<DB>, stand: Stand, organizationId: string): Promise<void> {
  const { topId } = stand;
  const { rows } = await sql<StandingOrganization & { key: string | null }>`
    select o.id, o.parent_id as "parentId", o.path, o.name, o.description, o.state, o.version,
      (select k.key from import_key k where k.top_organization_id = ${topId ?? null}::uuid and k.kind = 'organization' and k.id = o.id) as key
    from organization o
    where ${topId ? sql`o.path >= (select path from organization where id = ${topId}) and o.path < (select path from organization where id = ${topId}) || '/' or` : sql``}
      o.parent_id = ${organizationId}`.execute(db);
  for (const { key, ...row } of rows) {
    const inTree = topId !== undefined && (row.id === topId || row.parentId !== organizationId);
    if (inTree) stand.organizations.set(key ?? row.id, row);
    if ((!inTree || key === null) && row.state !== 'closed')
      stand.otherNames.add(pair(row.parentId!, row.name.toLowerCase()));
  }
}

async function loadUsers(db: Kysely<DB>, stand: Stand, topId: string): Promise<void> {
  const { rows } = await sql<StandingUser & { key: string | null; userName: string | null }>`
    select u.id, coalesce(k.key, u.id::text) as key, u.display_name as "displayName", u.email, u.proved_email is not null as proved,
      exists (select 1 from credential c where c.user_id = u.id) as "hasSignIn",
      u.home_organization_id as "homeId", o.path as "homePath", u.state, u.user_name as "userName", u.version
    from app_user u join organization o on o.id = u.home_organization_id
    left join import_key k on k.top_organization_id = ${topId} and k.kind = 'user' and k.id = u.id
    where k.key is not null or o.path >= (select path from organization where id = ${topId})
      and o.path < (select path from organization where id = ${topId}) || '/'`.execute(db);
  for (const { key, userName, ...row } of rows) {
    stand.users.set(key!, row);
    if (userName) stand.userNames.set(pair(row.homeId, userName.toLowerCase()), row.id);
  }
}

async function loadMemberships(db: Kysely<DB>, stand: Stand): Promise<void> {
  const { users, organizations } = idsOf(stand);
  const { rows } = await sql<StandingMembership & { userId: string; organizationId: string }>`
    select distinct on (m.user_id, m.organization_id) m.id, m.user_id as "userId", m.organization_id as "organizationId",
      m.state <> 'ended' and m.ends_at > remit_now() as live
    from membership m where m.user_id = any (${users}::uuid[]) and m.organization_id = any (${organizations}::uuid[])
    order by m.user_id, m.organization_id, m.state = 'ended', m.created_at desc`.execute(db);
  for (const { userId, organizationId, ...row } of rows)
    stand.memberships.set(pair(userId, organizationId), row);
}

async function loadManagers(db: Kysely<DB>, stand: Stand): Promise<void> {
  const { users, organizations } = idsOf(stand);
  const { rows } = await sql<
    StandingManager & { userId: string; organizationId: string; adminRoleId: string }
  >`
    select distinct on (d.delegate_user_id, o.id, d.admin_role_id) d.id, d.delegate_user_id as "userId", o.id as "organizationId",
      d.admin_role_id as "adminRoleId", d.state <> 'ended' and d.ends_at > remit_now() as live, d.may_pass_on as "mayPassOn", d.version
    from delegation d join organization o on o.path = d.place_paths[1]
    where d.kind = 'administer' and d.delegate_user_id = any (${users}::uuid[]) and d.delegate_kind = 'user'
      and o.id = any (${organizations}::uuid[]) and d.admin_role_id is not null and cardinality(d.place_paths) = 1
    order by d.delegate_user_id, o.id, d.admin_role_id, d.state = 'ended', d.created_at`.execute(db);
  for (const { userId, organizationId, adminRoleId, ...row } of rows)
    stand.managers.set(pair(userId, organizationId, adminRoleId), row);
}

async function loadApplications(db: Kysely<DB>, stand: Stand, topId: string): Promise<void> {
  const { rows } = await sql<{
    id: string;
    key: string;
    live: boolean;
    roles: { id: string; key: string; live: boolean }[] | null;
  }>`
    select a.id, a.key, a.state = 'active' as live,
      (select jsonb_agg(jsonb_build_object('id', e.id, 'key', e.key, 'live', e.state = 'active')) from entitlement e
        where e.application_id = a.id) as roles
    from application a where a.organization_id = ${topId}`.execute(db);
  for (const { id, key, live, roles } of rows)
    stand.applications.set(key, {
      id,
      live,
      roles: new Map((roles ?? []).map((role) => [role.key, { id: role.id, live: role.live }])),
    });
  const { organizations } = idsOf(stand);
  const entitlements = [...stand.applications.values()].flatMap(({ roles }) =>
    [...roles.values()].map(({ id }) => id),
  );
  const { rows: given } = await sql<{ organizationId: string; entitlementId: string; live: boolean }>`
    select a.organization_id as "organizationId", a.entitlement_id as "entitlementId",
      bool_or(a.state = 'active' and a.ends_at > remit_now()) as live
    from assignment a where a.organization_id = any (${organizations}::uuid[]) and a.entitlement_id = any (${entitlements}::uuid[])
    group by 1, 2`.execute(db);
  for (const { organizationId, entitlementId, live } of given)
    stand.assignments.set(pair(organizationId, entitlementId), live);
}

async function loadAdminRoles(db: Kysely<DB>): Promise<Stand['adminRoles']> {
  const { rows } = await sql<{ id: string; key: string; permissions: string[] }>`
    select id, key, permissions from admin_role where key is not null`.execute(db);
  return new Map(rows.map(({ key, ...row }) => [key, row]));
}

const idsOf = (stand: Stand) => ({
  users: [...stand.users.values()].map(({ id }) => id),
  organizations: [...stand.organizations.values()].map(({ id }) => id),
});
