import { sql } from 'kysely';
import { newClientId } from '../../access/applications.ts';
import { periodOf } from '../../access/rules.ts';
import { insertRows, type NewAssignment, stateOf } from '../../access/store.ts';
import type { Chain, EntitlementLimit, Target } from '../../authority/delegation.ts';
import { excessOver, passingOnLeft } from '../../authority/within.ts';
import { describeExcess } from '../../authority/words.ts';
import { settle } from '../../delegation/rules.ts';
import {
  insertDelegations,
  limitsOf,
  loadApplicationOf,
  loadChain,
  type NewDelegation,
} from '../../delegation/store.ts';
import { childPath, sortName } from '../../directory/rules.ts';
import { type Context, userOf } from '../../operation/operation.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { type Ceiling, managerRole, standingFor } from './ceiling.ts';
import type { Plan } from './plan.ts';
import { pair, type Stand } from './stand.ts';
import type { Take } from './take.ts';

/** Tells a reader how far it is: what is being written, and how many of how many rows are. */
export type Progress = (phase: string, done: number, total: number) => Promise<void>;

/** Event types that a take-over records, each once per row. */
export const importEvents = [
  'organization.created',
  'organization.updated',
  'user.created',
  'user.updated',
  'membership.created',
  'application.registered',
  'entitlement.created',
  'delegation.created',
  'delegation.widened',
  'delegation.narrowed',
  'assignment.given',
  'import.applied',
] as const;

export type Work = {
  target: Target;
  take: Take;
  stand: Stand;
  plan: Plan;
  ceiling: Ceiling;
  /** what the top may hand out besides the applications of the files */
  also: { applications: string[]; entitlements: string[] };
};

type Placed = { id: string; path: string };
type Places = Map<string, Placed>;

/** Rows a statement: JSON of some megabytes, which PostgreSQL reads faster than many small ones. */
const batch = 5000;

/** Writes a plan, set by set, in the transaction of `context`. Every row it writes gets its event. */
export async function applyPlan(context: Context, work: Work, progress: Progress): Promise<void> {
  const { plan } = work;
  const steps = [
    plan.organizations.create.length + plan.organizations.change.length,
    plan.users.create.length + plan.users.change.length,
    plan.memberships.create.length,
    plan.applications.create.length,
    plan.managers.create.length + plan.managers.change.length,
    plan.assignments.create.length,
  ];
  const total = steps.reduce((sum, count) => sum + count, 0);
  let done = 0;
  const told = async (phase: string, count: number): Promise<void> => {
    done += count;
    await progress(phase, done, total);
  };
  await told('organizations', 0);
  const places = await writeOrganizations(context, work);
  await told('people', steps[0]!);
  const users = await writeUsers(context, work, places);
  await told('memberships', steps[1]!);
  const memberships = await writeMemberships(context, work, places, users);
  await told('applications', steps[2]!);
  const roles = await writeApplications(context, work, places);
  await told('managers', steps[3]!);
  const standing = await writeStanding(context, work, places, roles);
  await writeManagers(context, work, { places, users, memberships, standing });
  await told('access', steps[4]!);
  await writeAssignments(context, work, places, roles);
  await told('trail', steps[5]!);
}

async function writeOrganizations(context: Context, { target, take, stand, plan }: Work): Promise<Places> {
  const { db } = context;
  const places: Places = new Map([...stand.organizations].map(([key, { id, path }]) => [key, { id, path }]));
  const { create } = plan.organizations;
  const children = new Map<string, number>();
  for (const { parent } of create) children.set(parent ?? '', (children.get(parent ?? '') ?? 0) + 1);
  const parentOf = (key: string | undefined): Placed =>
    key === undefined ? { id: target.organizationId, path: target.path } : places.get(key)!;
  // Parents that stand give their next codes away under their row's lock, in the order of their ids.
  const standing = [...children]
    .filter(([key]) => key === '' || stand.organizations.has(key))
    .map(([key, count]) => ({ id: parentOf(key || undefined).id, key, count }))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const codes = new Map<string, number>();
  let timeZone = 'UTC';
  for (const { id, key, count } of standing) {
    const { rows } = await sql<{ first: number; timeZone: string }>`
      update organization set next_code = next_code + ${count} where id = ${id}
      returning next_code - ${count}::int as first, time_zone as "timeZone"`.execute(db);
    codes.set(key, rows[0]!.first);
    timeZone = rows[0]!.timeZone;
  }
  // The others are only held where they are: paths are about to be copied.
  await sql`select id from organization where id = any (${[...places.values()].map(({ id }) => id)}::uuid[])
    order by id for key share`.execute(db);
  const rows = create.map((row) => {
    const parent = parentOf(row.parent);
    const code = codes.get(row.parent ?? '') ?? 0;
    codes.set(row.parent ?? '', code + 1);
    const placed = { id: newId(), path: childPath(parent.path, code) };
    places.set(row.id, placed);
    return {
      ...placed,
      parent_id: parent.id,
      next_code: children.get(row.id) ?? 0,
      name: row.name,
      description: row.description,
      time_zone: timeZone,
    };
  });
  await inBatches(rows, (some) =>
    sql`insert into organization (id, parent_id, path, next_code, name, description, time_zone)
      select id, parent_id, path, next_code, name, description, time_zone
      from jsonb_populate_recordset(null::organization, ${JSON.stringify(some)}::jsonb)`.execute(db),
  );
  const topId = places.get(take.organizations[0]!.id)!.id;
  await keepKeys(
    context,
    topId,
    'organization',
    create.map(({ id }) => ({ key: id, id: places.get(id)!.id })),
  );
  for (const row of rows)
    context.record({
      type: 'organization.created',
      targetKind: 'organization',
      targetId: row.id,
      organizationId: row.id,
      path: row.path,
      after: {
        id: row.id,
        parentId: row.parent_id,
        path: row.path,
        state: 'active',
        timeZone: row.time_zone,
        domains: [],
        version: 1,
      },
      personal: { name: row.name, description: row.description },
    });
  const changed = plan.organizations.change.map(({ row, before }) => ({ ...row, id: before.id }));
  await inBatches(changed, (some) =>
    sql`update organization o set name = r.name, description = r.description, version = o.version + 1
      from jsonb_to_recordset(${JSON.stringify(some)}::jsonb) as r (id uuid, name text, description text) where o.id = r.id`.execute(
      db,
    ),
  );
  for (const { row, before } of plan.organizations.change)
    context.record({
      type: 'organization.updated',
      targetKind: 'organization',
      targetId: before.id,
      organizationId: before.id,
      path: before.path,
      before: { id: before.id, version: before.version },
      after: {
        id: before.id,
        parentId: before.parentId,
        path: before.path,
        state: before.state,
        version: before.version + 1,
      },
      personal: {
        before: { name: before.name, description: before.description },
        after: { name: row.name, description: row.description },
      },
    });
  return places;
}

/** People come without a sign-in; their addresses are not proved, so they claim and block nothing (I40). */
async function writeUsers(
  context: Context,
  { take, stand, plan }: Work,
  places: Places,
): Promise<Map<string, string>> {
  const { db } = context;
  const users = new Map([...stand.users].map(([key, { id }]) => [key, id]));
  const rows = plan.users.create.map((row) => {
    const id = newId();
    users.set(row.username, id);
    return {
      id,
      home_organization_id: places.get(row.home)!.id,
      user_name: row.username,
      display_name: row.displayName,
      email: row.email?.address ?? null,
      path: places.get(row.home)!.path,
    };
  });
  await inBatches(rows, (some) =>
    sql`insert into app_user (id, home_organization_id, user_name, display_name, email)
      select id, home_organization_id, user_name, display_name, email
      from jsonb_populate_recordset(null::app_user, ${JSON.stringify(some)}::jsonb)`.execute(db),
  );
  const topId = places.get(take.organizations[0]!.id)!.id;
  await keepKeys(
    context,
    topId,
    'user',
    rows.map(({ id, user_name }) => ({ key: user_name, id })),
  );
  for (const row of rows)
    context.record({
      type: 'user.created',
      targetKind: 'user',
      targetId: row.id,
      organizationId: row.home_organization_id,
      path: row.path,
      subjectId: row.id,
      after: {
        id: row.id,
        homeOrganizationId: row.home_organization_id,
        state: 'active',
        emailProved: false,
      },
      personal: { displayName: row.display_name, email: row.email, userName: row.user_name },
    });
  const changed = plan.users.change.map(({ row, before, email }) => ({
    id: before.id,
    name: row.displayName,
    sort: sortName(row.displayName),
    email,
  }));
  await inBatches(changed, async (some) => {
    const values = JSON.stringify(some);
    await sql`update app_user u set display_name = r.name, email = r.email, version = u.version + 1
      from jsonb_to_recordset(${values}::jsonb) as r (id uuid, name text, email text) where u.id = r.id`.execute(
      db,
    );
    await sql`update membership m set sort_name = r.sort
      from jsonb_to_recordset(${values}::jsonb) as r (id uuid, sort text) where m.user_id = r.id`.execute(db);
  });
  for (const { row, before, email } of plan.users.change)
    context.record({
      type: 'user.updated',
      targetKind: 'user',
      targetId: before.id,
      organizationId: before.homeId,
      path: before.homePath,
      subjectId: before.id,
      before: { id: before.id, version: before.version },
      after: { id: before.id, version: before.version + 1 },
      personal: {
        before: { displayName: before.displayName, email: before.email },
        after: { displayName: row.displayName, email },
      },
    });
  return users;
}

async function writeMemberships(
  context: Context,
  { take, stand, plan }: Work,
  places: Places,
  users: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const { db } = context;
  const names = new Map(take.users.map(({ username, displayName }) => [username, sortName(displayName)]));
  const memberships = new Map([...stand.memberships].map(([ids, { id }]) => [ids, id]));
  const rows = plan.memberships.create.map((row) => {
    const place = places.get(row.organization)!;
    const userId = users.get(row.user)!;
    const id = newId();
    memberships.set(pair(userId, place.id), id);
    return {
      id,
      user_id: userId,
      organization_id: place.id,
      path: place.path,
      sort_name: names.get(row.user) ?? row.user,
    };
  });
  await inBatches(rows, (some) =>
    sql`insert into membership (id, user_id, organization_id, path, sort_name)
      select id, user_id, organization_id, path, sort_name
      from jsonb_populate_recordset(null::membership, ${JSON.stringify(some)}::jsonb)`.execute(db),
  );
  for (const row of rows)
    context.record({
      type: 'membership.created',
      targetKind: 'membership',
      targetId: row.id,
      organizationId: row.organization_id,
      path: row.path,
      subjectId: row.user_id,
      after: {
        id: row.id,
        userId: row.user_id,
        organizationId: row.organization_id,
        path: row.path,
        lineManagerId: null,
        firstDay: null,
        lastDay: null,
        startsAt: '-infinity',
        endsAt: 'infinity',
        state: 'active',
        endedAt: null,
        version: 1,
      },
    });
  return memberships;
}

/** `application, role` -> entitlement id, with those that stand; and the ids of applications that are new. */
type Roles = { entitlements: Map<string, string>; created: string[]; all: string[] };

async function writeApplications(
  context: Context,
  { take, stand, plan }: Work,
  places: Places,
): Promise<Roles> {
  const { db } = context;
  const top = places.get(take.organizations[0]!.id)!;
  const entitlements = new Map<string, string>();
  for (const [key, { roles }] of stand.applications)
    for (const [role, { id }] of roles) entitlements.set(pair(key, role), id);
  const ids = new Map([...stand.applications].map(([key, { id }]) => [key, id]));
  const created: { id: string; organization_id: string; key: string; name: string; client_id: string }[] = [];
  for (const { application: key } of plan.applications.create) {
    if (ids.has(key)) continue;
    const id = newId();
    ids.set(key, id);
    const clientId = newClientId(
      key
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, 60),
    );
    created.push({ id, organization_id: top.id, key, name: key, client_id: clientId });
  }
  const roles = plan.applications.create.map((row) => {
    const id = newId();
    entitlements.set(pair(row.application, row.role), id);
    return { id, application_id: ids.get(row.application)!, key: row.role, name: row.role };
  });
  await inBatches(created, (some) =>
    sql`insert into application (id, organization_id, key, name, client_id)
      select id, organization_id, key, name, client_id from jsonb_populate_recordset(null::application, ${JSON.stringify(some)}::jsonb)`.execute(
      db,
    ),
  );
  await inBatches(roles, (some) =>
    sql`insert into entitlement (id, application_id, key, name)
      select id, application_id, key, name from jsonb_populate_recordset(null::entitlement, ${JSON.stringify(some)}::jsonb)`.execute(
      db,
    ),
  );
  const isNew = new Set(created.map(({ id }) => id));
  const rolesOf = Map.groupBy(roles, (role) => role.application_id);
  const at = { organizationId: top.id, path: top.path };
  for (const { id, key, client_id } of created)
    context.record({
      type: 'application.registered',
      targetKind: 'application',
      targetId: id,
      ...at,
      after: {
        id,
        organizationId: top.id,
        key,
        name: key,
        description: '',
        homeUrl: null,
        redirectUris: [],
        postLogoutRedirectUris: [],
        clientId: client_id,
        confidential: false,
        state: 'active',
        roles: rolesOf.get(id)!.map((role) => ({ entitlementId: role.id, key: role.key, state: 'active' })),
        version: 1,
      },
    });
  for (const role of roles.filter(({ application_id }) => !isNew.has(application_id)))
    context.record({
      type: 'entitlement.created',
      targetKind: 'entitlement',
      targetId: role.id,
      ...at,
      after: {
        id: role.id,
        applicationId: role.application_id,
        key: role.key,
        name: role.name,
        description: '',
        state: 'active',
      },
    });
  const inFiles = new Set(take.applications.map(({ application }) => application));
  return { entitlements, created: [...isNew], all: [...inFiles].map((key) => ids.get(key)!) };
}

/** What the tree may hand out: given the first time; later only the files' new applications are added. */
async function writeStanding(context: Context, work: Work, places: Places, roles: Roles): Promise<Chain> {
  const { take, stand, ceiling, also } = work;
  const top = places.get(take.organizations[0]!.id)!;
  const at = { organizationId: top.id, path: top.path };
  if (ceiling.standing) {
    const [link] = ceiling.standing;
    if (roles.created.length === 0 || link!.entitlements.all) return ceiling.standing;
    const { rows } = await sql<{ before: Record<string, unknown>; after: Record<string, unknown> }>`
      with before as (select d.id, to_jsonb(d) as state from delegation d where d.id = ${link!.id} for no key update)
      update delegation d set version = d.version + 1, entitlements = jsonb_set(d.entitlements, '{applications}',
        (d.entitlements -> 'applications') || ${JSON.stringify(roles.created)}::jsonb)
      from before b where b.id = d.id returning b.state as before, to_jsonb(d) as after`.execute(context.db);
    context.record({
      type: 'delegation.widened',
      targetKind: 'delegation',
      targetId: link!.id,
      ...at,
      ...rows[0]!,
      because: ceiling.because,
    });
    return (await loadChain(context.db, link!.id))!;
  }
  const limit: EntitlementLimit = {
    applications: [...new Set([...roles.all, ...also.applications])],
    entitlements: also.entitlements,
  };
  const wanted = take.managers.flatMap(({ role }) => stand.adminRoles.get(role)!.permissions);
  const made = await newLink(context, work, ceiling.because, {
    delegate: { kind: 'organization', organizationId: top.id },
    adminRoleId: managerRole,
    permissions: [...new Set(wanted)],
    place: top,
    entitlements: limit,
    mayPassOn: passingOnLeft(ceiling.because),
  });
  const [state] = await insertDelegations(context.db, [made]);
  context.record({
    type: 'delegation.created',
    targetKind: 'delegation',
    targetId: state!.id,
    ...at,
    after: state!,
    because: ceiling.because,
  });
  return (await loadChain(context.db, state!.id))!;
}

type Wanted = {
  delegate: NewDelegation['delegate'];
  adminRoleId: string;
  permissions: string[];
  place: Placed;
  entitlements: EntitlementLimit | 'same';
  mayPassOn: number;
};

async function newLink(
  context: Context,
  { ceiling }: Work,
  parent: Chain,
  wanted: Wanted,
): Promise<NewDelegation> {
  const limits = [...limitsOf(parent), ...(wanted.entitlements === 'same' ? [] : [wanted.entitlements])];
  const applicationOf = await loadApplicationOf(context.db, limits);
  const scope = [{ places: [{ ...wanted.place, below: true }] }];
  const proposal = settle(
    parent,
    { permissions: [], scope, entitlements: wanted.entitlements, mayPassOn: wanted.mayPassOn },
    context.at,
    applicationOf,
  );
  const excess = excessOver(parent, proposal, context.at, applicationOf);
  if (excess) throw refuse('delegation.outside', { missing: describeExcess(excess), piece: excess.piece });
  return {
    ...proposal,
    parent,
    giverUserId: userOf(context)?.userId ?? null,
    giverDelegationId: ceiling.because[0]!.id,
    delegate: wanted.delegate,
    adminRoleId: wanted.adminRoleId,
    permissions: wanted.permissions,
    reason: 'import',
  };
}

type Written = {
  places: Places;
  users: ReadonlyMap<string, string>;
  memberships: ReadonlyMap<string, string>;
  standing: Chain;
};

/** First managers: each hangs below the nearest ceiling at or above, so that ending that ends them too. */
async function writeManagers(context: Context, work: Work, written: Written): Promise<void> {
  const { plan, stand, ceiling, take } = work;
  const homes = new Map(take.users.map(({ username, home }) => [username, home]));
  const made: NewDelegation[] = [];
  const settled = new Map<string, NewDelegation>();
  for (const row of plan.managers.create) {
    const place = written.places.get(row.organization)!;
    const userId = written.users.get(row.user)!;
    const membershipId =
      written.memberships.get(pair(userId, place.id)) ??
      written.memberships.get(pair(userId, written.places.get(homes.get(row.user) ?? '')?.id ?? ''));
    if (!membershipId) continue;
    const parent = standingFor(ceiling, place.path) ?? written.standing;
    const mayPassOn = row.mayPassOn ? passingOnLeft(parent) : 0;
    // Many managers hang below one ceiling with the same limits: those are settled once.
    const like = pair(parent[0]!.id, row.role, String(mayPassOn));
    const wanted: Wanted = {
      delegate: { kind: 'user', userId, membershipId },
      adminRoleId: stand.adminRoles.get(row.role)!.id,
      permissions: [],
      place,
      entitlements: 'same',
      mayPassOn,
    };
    const same = settled.get(like) ?? (await newLink(context, work, parent, wanted));
    settled.set(like, same);
    made.push({ ...same, delegate: wanted.delegate, scope: [{ places: [{ ...place, below: true }] }] });
  }
  await inBatches(made, async (some) => {
    const states = await insertDelegations(context.db, some);
    for (const [index, state] of states.entries()) {
      const { delegate, scope } = some[index]!;
      const place = scope[0]!.places![0]!;
      context.record({
        type: 'delegation.created',
        targetKind: 'delegation',
        targetId: state.id,
        organizationId: place.id,
        path: place.path,
        subjectId: delegate.kind === 'user' ? delegate.userId : null,
        after: state,
        because: ceiling.because,
      });
    }
  });
  for (const { row, before } of plan.managers.change)
    await changeManager(context, work, written, row, before.id);
}

async function changeManager(
  context: Context,
  { ceiling }: Work,
  { places, users }: Written,
  row: Plan['managers']['create'][number],
  id: string,
): Promise<void> {
  const chain = (await loadChain(context.db, id))!;
  if (!chain[0]!.chain.includes(ceiling.because[0]!.id)) throw refuse('delegation.not-above');
  const mayPassOn = row.mayPassOn ? passingOnLeft(chain.slice(1)) : 0;
  const { rows } = await sql<{ before: Record<string, unknown>; after: Record<string, unknown> }>`
    with before as (select d.id, to_jsonb(d) as state from delegation d where d.id = ${id} for no key update)
    update delegation d set version = d.version + 1, may_pass_on = ${mayPassOn}
    from before b where b.id = d.id returning b.state as before, to_jsonb(d) as after`.execute(context.db);
  const place = places.get(row.organization)!;
  context.record({
    type: row.mayPassOn ? 'delegation.widened' : 'delegation.narrowed',
    targetKind: 'delegation',
    targetId: id,
    organizationId: place.id,
    path: place.path,
    subjectId: users.get(row.user) ?? null,
    ...rows[0]!,
    because: ceiling.because,
  });
}

async function writeAssignments(
  context: Context,
  { plan, ceiling }: Work,
  places: Places,
  roles: Roles,
): Promise<void> {
  const { endsAt } = periodOf(ceiling.because);
  const rows = plan.assignments.create.map(
    (row): NewAssignment => ({
      id: newId(),
      membershipId: null,
      organizationId: places.get(row.organization)!.id,
      entitlementId: roles.entitlements.get(pair(row.application, row.role))!,
      accessRoleId: null,
      startsAt: context.at,
      endsAt,
      why: 'import',
      reason: '',
      givenBy: userOf(context)?.userId ?? null,
      givenUnder: ceiling.because[0]!.delegateKind === 'root' ? null : ceiling.because[0]!.id,
      replaces: null,
      requestId: null,
    }),
  );
  const paths = new Map([...places.values()].map(({ id, path }) => [id, path]));
  await inBatches(rows, async (some) => {
    for (const row of await insertRows(context.db, some))
      context.record({
        type: 'assignment.given',
        targetKind: 'assignment',
        targetId: row.id,
        organizationId: row.organizationId,
        path: paths.get(row.organizationId!)!,
        after: stateOf(row),
        because: ceiling.because,
      });
  });
}

async function keepKeys(
  context: Context,
  topId: string,
  kind: 'organization' | 'user',
  keys: { key: string; id: string }[],
): Promise<void> {
  await inBatches(keys, (some) =>
    sql`insert into import_key (top_organization_id, kind, key, id)
      select ${topId}::uuid, ${kind}, r.key, r.id from jsonb_to_recordset(${JSON.stringify(some)}::jsonb) as r (key text, id uuid)
      on conflict (top_organization_id, kind, key) do update set id = excluded.id`.execute(context.db),
  );
}

async function inBatches<T>(rows: readonly T[], write: (some: T[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < rows.length; start += batch) await write(rows.slice(start, start + batch));
}
