import { createHash } from 'node:crypto';
import { say as sayAccess } from '../../authority/say.ts';
import { deepest, levelOf } from '../../directory/rules.ts';
import { say } from '../say.ts';
import type { Problems } from './problems.ts';
import {
  pair,
  type Stand,
  type StandingManager,
  type StandingOrganization,
  type StandingUser,
} from './stand.ts';
import type { Take, TakenOrganization, TakenUser } from './take.ts';

/** What one kind of row comes to. `missing` rows stand here and not in the file: proposals, never endings. */
export type Part<Create, Change = never> = {
  create: Create[];
  change: Change[];
  same: number;
  /** ended, closed or retired here since: a file does not bring back what somebody ended (ruling 3) */
  endedHere: number;
  missing: string[];
};

export type Plan = {
  organizations: Part<TakenOrganization, { row: TakenOrganization; before: StandingOrganization }>;
  users: Part<TakenUser, { row: TakenUser; before: StandingUser; email: string | null }>;
  memberships: Part<Take['memberships'][number]>;
  managers: Part<Take['managers'][number], { row: Take['managers'][number]; before: StandingManager }>;
  applications: Part<Take['applications'][number]>;
  assignments: Part<Take['assignments'][number]>;
};
export const kinds = [
  'organizations',
  'users',
  'memberships',
  'managers',
  'applications',
  'assignments',
] as const;
export type Kind = (typeof kinds)[number];

/** Compares the files with what stands. What cannot be done is added to `problems`. Pure. */
export function makePlan(take: Take, stand: Stand, parentPath: string, problems: Problems): Plan {
  return {
    organizations: planOrganizations(take, stand, parentPath, problems),
    users: planUsers(take, stand, problems),
    memberships: planMemberships(take, stand),
    managers: planManagers(take, stand, problems),
    applications: planApplications(take, stand),
    assignments: planAssignments(take, stand),
  };
}

const part = <C, H = never>(): Part<C, H> => ({ create: [], change: [], same: 0, endedHere: 0, missing: [] });

function planOrganizations(
  take: Take,
  stand: Stand,
  parentPath: string,
  problems: Problems,
): Plan['organizations'] {
  const file = 'organizations.csv';
  const plan: Plan['organizations'] = part();
  const idOf = (key: string | undefined): string | undefined =>
    key === undefined ? undefined : stand.organizations.get(key)?.id;
  // Names below each standing parent, to see a clash before the database does.
  const names = new Map<string, string>();
  for (const [key, { parentId, name, state }] of stand.organizations)
    if (parentId && state !== 'closed') names.set(pair(parentId, name.toLowerCase()), key);
  const inFile = new Map(take.organizations.map((row) => [row.id, row]));
  for (const row of take.organizations) {
    const before = stand.organizations.get(row.id);
    const parentId = idOf(row.parent) ?? (row.parent === undefined ? before?.parentId : undefined);
    if (before?.state === 'closed') {
      problems.add('closed', file, row.line, 'id');
      continue;
    }
    if (before && row.parent !== undefined && parentId !== before.parentId) {
      problems.add('moved', file, row.line, 'parent');
      continue;
    }
    if (!before && levelOf(parentPath) + row.depth + 1 > deepest)
      problems.add('too-deep', file, row.line, 'parent', { limit: deepest });
    if (parentId && before?.name !== row.name) {
      const name = pair(parentId, row.name.toLowerCase());
      const holder = names.get(name);
      // Whoever gives the name up in the same file leaves it free.
      const kept =
        holder !== undefined &&
        holder !== row.id &&
        (inFile.get(holder)?.name.toLowerCase() ?? row.name.toLowerCase()) === row.name.toLowerCase();
      if (kept || stand.otherNames.has(name)) problems.add('name-taken', file, row.line, 'name');
    }
    if (!before) plan.create.push(row);
    else if (before.name !== row.name || before.description !== row.description)
      plan.change.push({ row, before });
    else plan.same += 1;
  }
  for (const [key, row] of stand.organizations)
    if (!inFile.has(key) && key !== row.id && row.state !== 'closed') plan.missing.push(row.name);
  return plan;
}

function planUsers(take: Take, stand: Stand, problems: Problems): Plan['users'] {
  const plan: Plan['users'] = part();
  for (const row of take.users) {
    const before = stand.users.get(row.username);
    if (!before) {
      const homeId = stand.organizations.get(row.home)?.id;
      if (homeId && stand.userNames.has(pair(homeId, row.username.toLowerCase())))
        problems.add('user-name-taken', 'users.csv', row.line, 'username');
      plan.create.push(row);
    } else if (before.state === 'erased') plan.endedHere += 1;
    else {
      // Whoever signs in looks after their own name and address (ruling 6).
      const own = before.proved || before.hasSignIn;
      const email = row.email?.address ?? null;
      if (!own && (before.displayName !== row.displayName || (before.email ?? null) !== email))
        plan.change.push({ row, before, email });
      else plan.same += 1;
    }
  }
  if (take.given.has('users.csv')) {
    const inFile = new Set(take.users.map(({ username }) => username));
    for (const [key, user] of stand.users)
      if (!inFile.has(key) && key !== user.id && user.state === 'active') plan.missing.push(user.displayName);
  }
  return plan;
}

function planMemberships(take: Take, stand: Stand): Plan['memberships'] {
  const plan: Plan['memberships'] = part();
  const inFile = new Set<string>();
  for (const row of take.memberships) {
    const userId = stand.users.get(row.user)?.id;
    const organizationId = stand.organizations.get(row.organization)?.id;
    const before = userId && organizationId ? stand.memberships.get(pair(userId, organizationId)) : undefined;
    if (userId && organizationId) inFile.add(pair(userId, organizationId));
    if (!before) plan.create.push(row);
    else if (before.live) plan.same += 1;
    else plan.endedHere += 1;
  }
  if (!take.given.has('memberships.csv')) return plan;
  const users = keysById(stand.users);
  const organizations = keysById(stand.organizations);
  for (const [ids, { live }] of stand.memberships) {
    const [userId, organizationId] = ids.split('\n') as [string, string];
    const user = users.get(userId)!;
    if (live && !inFile.has(ids) && user !== userId)
      plan.missing.push(`${user}, ${organizations.get(organizationId)}`);
  }
  return plan;
}

function planManagers(take: Take, stand: Stand, problems: Problems): Plan['managers'] {
  const plan: Plan['managers'] = part();
  const inFile = new Set<string>();
  for (const row of take.managers) {
    const role = stand.adminRoles.get(row.role);
    if (!role) {
      problems.add('admin-role-unknown', 'managers.csv', row.line, 'role', { value: row.role });
      continue;
    }
    const userId = stand.users.get(row.user)?.id;
    const organizationId = stand.organizations.get(row.organization)?.id;
    const ids = userId && organizationId ? pair(userId, organizationId, role.id) : undefined;
    const before = ids ? stand.managers.get(ids) : undefined;
    if (ids) inFile.add(ids);
    if (!before) plan.create.push(row);
    else if (!before.live) plan.endedHere += 1;
    else if (before.mayPassOn > 0 !== row.mayPassOn) plan.change.push({ row, before });
    else plan.same += 1;
  }
  if (!take.given.has('managers.csv')) return plan;
  const users = keysById(stand.users);
  const organizations = keysById(stand.organizations);
  for (const [ids, { live }] of stand.managers) {
    const [userId, organizationId] = ids.split('\n') as [string, string];
    const user = users.get(userId)!;
    if (live && !inFile.has(ids) && user !== userId)
      plan.missing.push(`${user}, ${organizations.get(organizationId)}`);
  }
  return plan;
}

function planApplications(take: Take, stand: Stand): Plan['applications'] {
  const plan: Plan['applications'] = part();
  const inFile = new Set<string>();
  for (const row of take.applications) {
    inFile.add(pair(row.application, row.role));
    const application = stand.applications.get(row.application);
    const role = application?.roles.get(row.role);
    if (application && !application.live) plan.endedHere += 1;
    else if (!role) plan.create.push(row);
    else if (role.live) plan.same += 1;
    else plan.endedHere += 1;
  }
  if (!take.given.has('applications.csv')) return plan;
  for (const [key, { live, roles }] of stand.applications)
    for (const [role, its] of roles)
      if (live && its.live && !inFile.has(pair(key, role))) plan.missing.push(`${key}, ${role}`);
  return plan;
}

function planAssignments(take: Take, stand: Stand): Plan['assignments'] {
  const plan: Plan['assignments'] = part();
  const inFile = new Set<string>();
  for (const row of take.assignments) {
    const organizationId = stand.organizations.get(row.organization)?.id;
    const application = stand.applications.get(row.application);
    const role = application?.roles.get(row.role);
    const ids = organizationId && role ? pair(organizationId, role.id) : undefined;
    const before = ids ? stand.assignments.get(ids) : undefined;
    if (ids) inFile.add(ids);
    if (before) plan.same += 1;
    else if (before === false || application?.live === false || role?.live === false) plan.endedHere += 1;
    else plan.create.push(row);
  }
  if (!take.given.has('assignments.csv')) return plan;
  const organizations = keysById(stand.organizations);
  const roles = new Map(
    [...stand.applications].flatMap(([key, { roles }]) =>
      [...roles].map(([role, { id }]) => [id, `${key}, ${role}`] as const),
    ),
  );
  for (const [ids, live] of stand.assignments) {
    const [organizationId, entitlementId] = ids.split('\n') as [string, string];
    if (live && !inFile.has(ids))
      plan.missing.push(`${organizations.get(organizationId)}, ${roles.get(entitlementId)}`);
  }
  return plan;
}

const keysById = (map: ReadonlyMap<string, { id: string }>): Map<string, string> =>
  new Map([...map].map(([key, { id }]) => [id, key]));

/** True when applying would write nothing: the same files again. */
export const isEmpty = (plan: Plan): boolean =>
  kinds.every((kind) => plan[kind].create.length === 0 && plan[kind].change.length === 0);

/** Two plans with this hash do the same: applying asks for the one that was shown. */
export function hashPlan(plan: Plan, about: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(about));
  for (const kind of kinds) {
    const { create, change, same, endedHere, missing } = plan[kind];
    hash.update(JSON.stringify([kind, create, change, same, endedHere, missing]));
  }
  return hash.digest('base64url');
}

/** How many examples of each kind are told in words. */
const mostExamples = 20;

export type Counted = {
  kind: Kind;
  create: number;
  change: number;
  same: number;
  endedHere: number;
  missing: number;
  examples: string[];
};

/** The difference in numbers, and its first examples in words. */
export function describePlan(plan: Plan): Counted[] {
  return kinds.map((kind) => {
    const { create, change, same, endedHere, missing } = plan[kind];
    const examples = [
      ...(change as { row: Record<string, unknown>; before: Record<string, unknown> }[])
        .slice(0, mostExamples)
        .map((one) => say('plan.change', { what: differences(one.row, one.before) })),
      ...(create as Record<string, unknown>[])
        .slice(0, mostExamples)
        .map((row) => say('plan.add', { what: wordsFor(kind, row) })),
      ...missing.slice(0, mostExamples).map((name) => say('plan.stays', { name })),
    ].slice(0, mostExamples);
    return {
      kind,
      create: create.length,
      change: change.length,
      same,
      endedHere,
      missing: missing.length,
      examples,
    };
  });
}

function wordsFor(kind: Kind, row: Record<string, unknown>): string {
  const text = (name: string): string => String(row[name] ?? '');
  switch (kind) {
    case 'organizations':
      return row.parent ? say('plan.below', { name: text('name'), parent: text('parent') }) : text('name');
    case 'users':
      return say('plan.atHome', {
        name: text('displayName'),
        userName: text('username'),
        home: text('home'),
      });
    case 'memberships':
      return say('plan.member', { user: text('user'), organization: text('organization') });
    case 'managers':
      return say(row.mayPassOn ? 'plan.managerOnward' : 'plan.manager', {
        user: text('user'),
        role: text('role'),
        organization: text('organization'),
      });
    case 'applications':
      return sayAccess('access.role', { role: text('role'), application: text('application') });
    case 'assignments':
      return say('plan.forEverybody', {
        thing: sayAccess('access.role', { role: text('role'), application: text('application') }),
        organization: text('organization'),
      });
  }
}

function differences(row: Record<string, unknown>, before: Record<string, unknown>): string {
  const name = String(row.name ?? row.displayName ?? `${row.user}, ${row.organization}`);
  const address = (value: unknown): string =>
    (value as { address?: string } | undefined)?.address ?? say('plan.nothing');
  const parts: string[] = [];
  if ('name' in row && row.name !== before.name) parts.push(say('plan.name', { name: String(before.name) }));
  if ('description' in row && row.description !== before.description) parts.push(say('plan.description'));
  if ('displayName' in row && row.displayName !== before.displayName)
    parts.push(say('plan.name', { name: String(before.displayName) }));
  if ('username' in row && address(row.email) !== (before.email ?? say('plan.nothing')))
    parts.push(
      say('plan.address', { before: String(before.email ?? say('plan.nothing')), after: address(row.email) }),
    );
  if ('mayPassOn' in row) parts.push(say(row.mayPassOn ? 'plan.mayNow' : 'plan.mayNoMore'));
  return `${name}: ${parts.join(', ')}`;
}
