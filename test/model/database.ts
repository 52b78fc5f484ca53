/**
 * The world of the model and that of PostgreSQL: written once at a trace's start, read back after each act. What the
 * database copies for speed (paths, chains, reporting lines) is held against the pointers here. Long, for it is a table
 * of tables: one part for each.
 */
import { type Kysely, sql } from 'kysely';
import type { DB } from '../../src/platform/schema.gen.ts';
import { chainOf, lineAbove } from './rules.ts';
import {
  always,
  type Box,
  emptyWorld,
  type Instant,
  type Limit,
  type Link,
  never,
  type Relation,
  type Spread,
  type World,
} from './world.ts';

/** What may stand in the one field that there is. */
export const depots = ['east', 'west'];

type Row = Record<string, unknown>;
export type Read = { world: World; paths: Map<string, string>; torn: string[] };

const instantOf = (text: unknown): Instant =>
  text === 'infinity' ? always : text === '-infinity' ? never : Date.parse(text as string);
export const textOf = (at: Instant): string =>
  at >= always ? 'infinity' : at <= never ? '-infinity' : new Date(at).toISOString();

/** Time stands still between acts, and moves only by `passTime`: what is compared was asked at one instant. */
export async function stopClock(db: Kysely<DB>): Promise<void> {
  await sql
    .raw(
      `create or replace function remit_now() returns timestamptz language sql stable as
       $$ select timestamptz '2026-03-02T09:00:00Z' + (select ahead from clock) $$`,
    )
    .execute(db);
}

/** Machinery that outlives a trace. */
const kept = ['clock', 'instance', 'schema_migration', 'people_anchor', 'provider_key', 'stamp'];

async function emptied(db: Kysely<DB>): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> all (${kept}::text[])`.execute(
    db,
  );
  return rows
    .map(
      ({ name }) =>
        `delete from "${name}"${name === 'admin_role' ? ' where organization_id is not null' : ''};`,
    )
    .join('\n');
}

/** Empties the database and writes this world. Built-in admin roles stay. */
export async function writeWorld(db: Kysely<DB>, world: World): Promise<void> {
  const paths = pathsOf(world);
  const [root] = [...world.organizations.keys()];
  const created_at = textOf(world.now);
  const common = { created_at, version: 1 };
  const organizations = [...world.organizations.values()].map((one) => ({
    ...common,
    id: one.id,
    parent_id: one.parentId,
    path: paths.get(one.id),
    name: one.name,
    description: '',
    state: one.state,
    time_zone: 'UTC',
    domains: [],
    // above every code that is taken
    next_code: 1000,
  }));
  const applications = [...new Set(world.applicationOf.values())].map((id, index) => ({
    ...common,
    id,
    organization_id: root,
    key: `app${index}`,
    name: `App ${index}`,
    description: '',
    redirect_uris: [],
    post_logout_redirect_uris: [],
    client_id: `app${index}`,
    state: 'active',
  }));
  const entitlements = [...world.applicationOf].map(([id, application_id], index) => ({
    ...common,
    id,
    application_id,
    key: `role${index}`,
    name: `Role ${index}`,
    description: '',
    state: 'active',
  }));
  const users = [...world.users.values()].map((one) => ({
    ...common,
    id: one.id,
    home_organization_id: one.home,
    user_name: one.name,
    display_name: one.name,
    language: 'en',
    state: one.state,
  }));
  const credentials = [...world.users.values()]
    .filter((one) => one.canSignIn)
    .map((one) => ({ user_id: one.id, password_hash: 'x', changed_at: created_at }));
  const memberships = [...world.memberships.values()].map((one) => ({
    ...common,
    id: one.id,
    user_id: one.userId,
    organization_id: one.organizationId,
    path: paths.get(one.organizationId),
    sort_name: world.users.get(one.userId)!.name.toLowerCase(),
    title: one.title,
    attributes: one.depot === null ? {} : { depot: one.depot },
    line: [],
    line_manager_id: one.managerId,
    state: one.state,
    starts_at: textOf(one.startsAt),
    ends_at: textOf(one.endsAt),
    created_at: textOf(one.createdAt),
  }));
  const rules = [...world.rules.values()].map((one) => ({
    ...common,
    id: one.id,
    organization_id: one.organizationId,
    name: 'a rule',
    in_organization_id: one.inOrganizationId,
    below: one.below,
    title: one.title,
    attributes: {},
    any_of: one.depots.length > 0 ? [{ key: 'depot', in: one.depots }] : [],
    except_ids: [],
    relation: one.relation,
    entitlement_id: one.entitlementId,
    starts_at: textOf(one.startsAt),
    ends_at: textOf(one.endsAt),
    state: one.state,
    changed_at: created_at,
  }));
  const fields = [
    {
      ...common,
      id: root,
      organization_id: root,
      key: 'depot',
      label: 'Depot',
      kind: 'choice',
      choices: depots,
      required: false,
      seen_by: 'everybody',
      changed_by: 'managers',
      claim: false,
    },
  ];
  const insert = (table: string, rows: Row[]): string => {
    const columns = Object.keys(rows[0]!).join(', ');
    return `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, ${literal(rows)});`;
  };
  await db.connection().execute(async (one) => {
    await sql
      .raw(
        `set session_replication_role = replica;
         ${await emptied(one)}
         update clock set ahead = '0';
         ${insert('organization', organizations)}
         ${insert('application', applications)}
         ${insert('entitlement', entitlements)}
         ${insert('app_user', users)}
         ${insert('credential', credentials)}
         set session_replication_role = origin;
         ${insert('attribute_definition', fields)}
         ${insert('membership', memberships)}
         ${insert('access_rule', rules)}`,
      )
      .execute(one);
    await writeLinks(one, world, world.links.values(), paths);
  });
}

/** Paths for a first world: a code for each child, so that `r.1` and `r.10` are neighbors. */
function pathsOf(world: World): Map<string, string> {
  const paths = new Map<string, string>();
  const codes = new Map<string, number>();
  for (const { id, parentId } of world.organizations.values()) {
    if (parentId === null) {
      paths.set(id, 'r');
      continue;
    }
    const code = codes.get(parentId) ?? 0;
    codes.set(parentId, code + 1);
    paths.set(id, `${paths.get(parentId)}.${['1', '10', '2', '1a', '11'][code] ?? `z${code}`}`);
  }
  return paths;
}

const boxToRow = (box: Box, paths: Map<string, string>): Row => {
  const place = ({ organizationId, below }: Spread): Row => ({
    id: organizationId,
    path: paths.get(organizationId),
    below,
  });
  return {
    ...(box.places ? { places: box.places.map(place) } : {}),
    ...(box.whereRelated ? { where: 'relation' } : {}),
    ...(box.holes.length > 0 ? { holes: box.holes.map(place) } : {}),
    ...(box.users ? { users: box.users } : {}),
    ...(box.reports ? { reports: box.reports } : {}),
  };
};

export async function writeLinks(
  db: Kysely<DB>,
  world: World,
  links: Iterable<Link>,
  paths: Map<string, string>,
): Promise<void> {
  const rows = [...links].map((link) => rowOf(world, link, paths));
  const columns = Object.keys(rows[0]!).join(', ');
  await sql
    .raw(
      `insert into delegation (${columns}) select ${columns} from jsonb_populate_recordset(null::delegation, ${literal(rows)})`,
    )
    .execute(db);
}

const literal = (rows: unknown): string => `'${JSON.stringify(rows).replaceAll("'", "''")}'::jsonb`;

function rowOf(world: World, link: Link, paths: Map<string, string>): Row {
  const { delegate } = link;
  const organizationId =
    delegate.kind === 'organization' || delegate.kind === 'relation' ? delegate.organizationId : null;
  return {
    id: link.id,
    kind: link.kind,
    parent_id: link.parentId,
    chain: chainOf(world, link)
      .slice(1)
      .map(({ id }) => id),
    giver_user_id: link.giverUserId,
    giver_membership_id: link.giverMembershipId,
    giver_delegation_id: link.giverDelegationId,
    delegate_kind: delegate.kind,
    delegate_user_id: delegate.kind === 'user' ? delegate.userId : null,
    delegate_membership_id: delegate.kind === 'user' ? delegate.membershipId : null,
    delegate_organization_id: organizationId,
    relation: delegate.kind === 'relation' ? delegate.relation : null,
    relation_path: delegate.kind === 'relation' ? paths.get(delegate.organizationId) : null,
    admin_role_id: link.roleId,
    permissions: link.permissions,
    scope: link.scope.map((box) => boxToRow(box, paths)),
    place_paths: link.scope.flatMap((box) =>
      (box.places ?? []).map((place) => paths.get(place.organizationId)),
    ),
    entitlements: link.limit,
    starts_at: textOf(link.startsAt),
    ends_at: textOf(link.endsAt),
    may_pass_on: link.mayPassOn,
    seats: link.seats,
    state: link.state,
    reason: '',
    version: 1,
    created_at: textOf(world.now),
  };
}

type Rows = Record<
  | 'organizations'
  | 'users'
  | 'memberships'
  | 'links'
  | 'assignments'
  | 'rules'
  | 'exceptions'
  | 'guardians'
  | 'roles'
  | 'invitations'
  | 'clients',
  Row[] | null
> & { now: string; entitlements: { id: string; application_id: string }[] | null };

/** One statement: the database's world now, and whatever in it does not fit together. */
export async function readWorld(db: Kysely<DB>): Promise<Read> {
  const { rows } = await sql<Rows>`
    select remit_now()::text as now,
      (select json_agg(o order by o.path) from (select id, parent_id, path, name, state from organization) o) as organizations,
      (select json_agg(u) from (select id, display_name, home_organization_id, state,
        exists (select 1 from credential c where c.user_id = app_user.id) as signs_in from app_user) u) as users,
      (select json_agg(m) from (select id, user_id, organization_id, path, state, starts_at, ends_at, line_manager_id, line, created_at, title, attributes from membership) m) as memberships,
      (select json_agg(d) from (select id, kind, parent_id, chain, giver_user_id, giver_membership_id, giver_delegation_id, delegate_kind,
        delegate_user_id, delegate_membership_id, delegate_organization_id, delegate_client_id, relation, relation_path, admin_role_id, permissions, scope,
        place_paths, entitlements, starts_at, ends_at, may_pass_on, seats, state from delegation) d) as links,
      (select json_agg(a) from (select id, membership_id, organization_id, entitlement_id, starts_at, ends_at, state from assignment) a) as assignments,
      (select json_agg(r) from (select id, organization_id, in_organization_id, below, title, attributes, any_of, relation, entitlement_id, starts_at, ends_at,
        first_day, last_day, state from access_rule) r) as rules,
      (select json_agg(e) from (select id, organization_id, path, below, permissions, application_id, entitlement_id, user_id, set_under, starts_at, ends_at, state from exception) e) as exceptions,
      (select json_agg(g) from (select id, membership_id, organization_id, starts_at, ends_at, state from guardian) g) as guardians,
      (select json_agg(r) from (select id, organization_id, permissions from admin_role) r) as roles,
      (select json_agg(i) from (select id, organization_id, path, state, expires_at, membership_id, invited_under from invitation) i) as invitations,
      (select json_agg(c) from (select id, organization_id, state, starts_at, ends_at from client) c) as clients,
      (select json_agg(e) from (select id, application_id from entitlement) e) as entitlements`.execute(db);
  return toWorld(rows[0]!);
}

function toWorld(rows: Rows): Read {
  const world = emptyWorld(Date.parse(rows.now));
  const paths = new Map<string, string>();
  const text = (value: unknown): string => value as string;
  const orNull = (value: unknown): string | null => (value ?? null) as string | null;
  for (const row of rows.organizations ?? []) {
    const id = text(row.id);
    paths.set(id, text(row.path));
    world.organizations.set(id, {
      id,
      parentId: orNull(row.parent_id),
      name: text(row.name),
      state: row.state as never,
    });
  }
  for (const row of rows.users ?? [])
    world.users.set(text(row.id), {
      id: text(row.id),
      name: text(row.display_name),
      home: text(row.home_organization_id),
      state: text(row.state),
      canSignIn: row.signs_in === true,
    });
  const span = (row: Row): { startsAt: Instant; endsAt: Instant } => ({
    startsAt: instantOf(row.starts_at),
    endsAt: instantOf(row.ends_at),
  });
  for (const row of rows.memberships ?? [])
    world.memberships.set(text(row.id), {
      id: text(row.id),
      userId: text(row.user_id),
      organizationId: text(row.organization_id),
      state: row.state as never,
      ...span(row),
      managerId: orNull(row.line_manager_id),
      createdAt: instantOf(row.created_at),
      title: text(row.title),
      depot: orNull((row.attributes as { depot?: string }).depot),
    });
  for (const row of rows.rules ?? []) {
    const { depot } = row.attributes as { depot?: string };
    const anyOf = row.any_of as { in: string[] }[];
    world.rules.set(text(row.id), {
      id: text(row.id),
      organizationId: text(row.organization_id),
      inOrganizationId: orNull(row.in_organization_id),
      below: row.below === true,
      title: orNull(row.title),
      depots: depot === undefined ? anyOf.flatMap((one) => one.in) : [depot],
      relation: orNull(row.relation) as Relation | null,
      entitlementId: text(row.entitlement_id),
      ...span(row),
      firstDay: orNull(row.first_day),
      lastDay: orNull(row.last_day),
      state: row.state as never,
    });
  }
  for (const row of rows.links ?? []) world.links.set(text(row.id), toLink(row));
  for (const row of rows.assignments ?? [])
    world.assignments.set(text(row.id), {
      id: text(row.id),
      membershipId: orNull(row.membership_id),
      organizationId: orNull(row.organization_id),
      entitlementId: text(row.entitlement_id),
      ...span(row),
      state: row.state as never,
    });
  for (const row of rows.exceptions ?? [])
    world.exceptions.set(text(row.id), {
      id: text(row.id),
      place: { organizationId: text(row.organization_id), below: row.below === true },
      permissions: row.permissions as string[],
      applicationId: orNull(row.application_id),
      entitlementId: orNull(row.entitlement_id),
      userId: orNull(row.user_id),
      setUnder: orNull(row.set_under),
      ...span(row),
      state: row.state as never,
    });
  for (const row of rows.guardians ?? [])
    world.guardians.set(text(row.id), {
      id: text(row.id),
      membershipId: text(row.membership_id),
      organizationId: text(row.organization_id),
      ...span(row),
      state: row.state as never,
    });
  for (const row of rows.roles ?? [])
    world.roles.set(text(row.id), {
      id: text(row.id),
      organizationId: orNull(row.organization_id),
      permissions: row.permissions as string[],
    });
  for (const row of rows.invitations ?? [])
    world.invitations.set(text(row.id), {
      id: text(row.id),
      organizationId: text(row.organization_id),
      state: row.state as never,
      expiresAt: instantOf(row.expires_at),
      membershipId: orNull(row.membership_id),
      invitedUnder: orNull(row.invited_under),
    });
  for (const row of rows.clients ?? [])
    world.clients.set(text(row.id), {
      id: text(row.id),
      organizationId: text(row.organization_id),
      state: row.state as never,
      ...span(row),
    });
  for (const { id, application_id } of rows.entitlements ?? []) world.applicationOf.set(id, application_id);
  return { world, paths, torn: tornCopies(rows, world, paths) };
}

function toLink(row: Row): Link {
  const kind = row.delegate_kind as Link['delegate']['kind'];
  const organizationId = row.delegate_organization_id as string;
  const delegate: Link['delegate'] =
    kind === 'user'
      ? {
          kind,
          userId: row.delegate_user_id as string,
          membershipId: row.delegate_membership_id as string,
        }
      : kind === 'organization'
        ? { kind, organizationId }
        : kind === 'relation'
          ? { kind, relation: row.relation as never, organizationId }
          : kind === 'client'
            ? { kind, clientId: row.delegate_client_id as string }
            : { kind: 'root' };
  return {
    id: row.id as string,
    kind: row.kind as string,
    parentId: (row.parent_id ?? null) as string | null,
    giverUserId: (row.giver_user_id ?? null) as string | null,
    giverMembershipId: (row.giver_membership_id ?? null) as string | null,
    giverDelegationId: (row.giver_delegation_id ?? null) as string | null,
    delegate,
    roleId: (row.admin_role_id ?? null) as string | null,
    permissions: row.permissions as string[],
    scope: (row.scope as BoxRow[]).map(toBox),
    limit: toLimit(row.entitlements as Limit),
    startsAt: instantOf(row.starts_at),
    endsAt: instantOf(row.ends_at),
    mayPassOn: row.may_pass_on as number,
    seats: (row.seats ?? null) as number | null,
    state: row.state as never,
  };
}

const toLimit = (limit: Limit): Limit =>
  limit.all ? { all: true } : { applications: limit.applications, entitlements: limit.entitlements };

type PlaceRow = { id: string; path: string; below: boolean };
type BoxRow = {
  places?: PlaceRow[];
  where?: string;
  holes?: PlaceRow[];
  users?: string[];
  reports?: { of?: string; depth: 'direct' | 'all' };
};

function toBox(row: BoxRow): Box {
  const spread = ({ id, below }: PlaceRow): Spread => ({ organizationId: id, below });
  return {
    ...(row.places ? { places: row.places.map(spread) } : {}),
    ...(row.where ? { whereRelated: true as const } : {}),
    holes: (row.holes ?? []).map(spread),
    ...(row.users ? { users: [...row.users].sort() } : {}),
    ...(row.reports ? { reports: row.reports } : {}),
  };
}

/** Copies that say something else than the pointers they were made from. */
function tornCopies(rows: Rows, world: World, paths: Map<string, string>): string[] {
  const torn: string[] = [];
  const same = (what: string, one: unknown, other: unknown): void => {
    if (JSON.stringify(one) !== JSON.stringify(other))
      torn.push(`${what}: ${JSON.stringify(one)} is no copy of ${JSON.stringify(other)}`);
  };
  for (const row of rows.organizations ?? []) {
    const path = row.path as string;
    if (row.parent_id !== null)
      same(
        `path of organization ${row.id}`,
        path.slice(0, path.lastIndexOf('.')),
        paths.get(row.parent_id as string),
      );
  }
  for (const row of rows.memberships ?? []) {
    same(`path of membership ${row.id}`, row.path, paths.get(row.organization_id as string));
    same(`line of membership ${row.id}`, row.line, lineAbove(world, row.id as string));
  }
  for (const row of rows.links ?? []) {
    const link = world.links.get(row.id as string)!;
    const above = chainOf(world, link).slice(1);
    same(
      `chain of delegation ${row.id}`,
      row.chain,
      above.map(({ id }) => id),
    );
    const places = (row.scope as BoxRow[]).flatMap((box) => box.places ?? []);
    for (const place of [...places, ...(row.scope as BoxRow[]).flatMap((box) => box.holes ?? [])])
      same(`place of delegation ${row.id}`, place.path, paths.get(place.id));
    same(
      `places of delegation ${row.id}`,
      [...(row.place_paths as string[])].sort(),
      places.map(({ path }) => path).sort(),
    );
    if (row.relation !== null)
      same(
        `relation of delegation ${row.id}`,
        row.relation_path,
        paths.get(row.delegate_organization_id as string),
      );
  }
  for (const row of rows.invitations ?? [])
    same(`path of invitation ${row.id}`, row.path, paths.get(row.organization_id as string));
  for (const row of rows.exceptions ?? [])
    same(`path of exception ${row.id}`, row.path, paths.get(row.organization_id as string));
  return torn;
}
