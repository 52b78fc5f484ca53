/**
 * The model's world: maps of plain records. It knows no paths, no copied chains, no reporting lines as arrays: whatever
 * is above or below something is found by walking from pointer to pointer, so that it is obviously right.
 */
export type Instant = number;
export const always: Instant = 8.64e15;
export const never: Instant = -8.64e15;

export type Organization = {
  id: string;
  parentId: string | null;
  name: string;
  state: 'active' | 'suspended' | 'closed';
};
export type User = { id: string; name: string; home: string; state: string; canSignIn: boolean };
export type Membership = {
  id: string;
  userId: string;
  organizationId: string;
  state: 'active' | 'suspended' | 'ended';
  startsAt: Instant;
  endsAt: Instant;
  managerId: string | null;
  createdAt: Instant;
  /** what rules read of them: their title, and one field */
  title: string;
  depot: string | null;
};
export type Spread = { organizationId: string; below: boolean };
export type Box = {
  places?: Spread[];
  whereRelated?: true;
  holes: Spread[];
  users?: string[];
  reports?: { of?: string; depth: 'direct' | 'all' };
};
export type Limit = { all: true } | { all?: undefined; applications: string[]; entitlements: string[] };
export type Relation = 'managers' | 'line-managers' | 'guardians' | 'members';
export type Delegate =
  | { kind: 'root' }
  | { kind: 'user'; userId: string; membershipId: string }
  | { kind: 'organization'; organizationId: string }
  | { kind: 'relation'; relation: Relation; organizationId: string }
  | { kind: 'client'; clientId: string };
export type Link = {
  id: string;
  kind: string;
  parentId: string | null;
  giverUserId: string | null;
  giverMembershipId: string | null;
  giverDelegationId: string | null;
  delegate: Delegate;
  roleId: string | null;
  permissions: string[];
  scope: Box[];
  limit: Limit;
  startsAt: Instant;
  endsAt: Instant;
  mayPassOn: number;
  seats: number | null;
  state: 'active' | 'paused' | 'ended';
};
export type Assignment = {
  id: string;
  membershipId: string | null;
  organizationId: string | null;
  entitlementId: string;
  startsAt: Instant;
  endsAt: Instant;
  state: 'active' | 'ended';
};
/** Gives access to whoever fits all of it, as long as they do. */
export type Rule = {
  id: string;
  organizationId: string;
  /** where it looks; the organization in which it stands when null */
  inOrganizationId: string | null;
  below: boolean;
  title: string | null;
  /** one of these; any when there is none */
  depots: string[];
  relation: Relation | null;
  entitlementId: string;
  startsAt: Instant;
  endsAt: Instant;
  firstDay: string | null;
  lastDay: string | null;
  state: 'active' | 'paused' | 'ended';
};
export type Exception = {
  id: string;
  place: Spread;
  permissions: string[];
  applicationId: string | null;
  entitlementId: string | null;
  userId: string | null;
  setUnder: string | null;
  startsAt: Instant;
  endsAt: Instant;
  state: 'active' | 'lifted';
};
export type Guardian = {
  id: string;
  membershipId: string;
  organizationId: string;
  startsAt: Instant;
  endsAt: Instant;
  state: 'active' | 'ended';
};
export type Role = {
  id: string;
  organizationId: string | null;
  permissions: string[];
};

export type Invitation = {
  id: string;
  organizationId: string;
  state: 'open' | 'accepted' | 'revoked';
  expiresAt: Instant;
  /** somebody who belongs there already, and has no sign-in */
  membershipId: string | null;
  invitedUnder: string | null;
};
/** A machine that acts. */
export type Client = {
  id: string;
  organizationId: string;
  state: 'active' | 'ended';
  startsAt: Instant;
  endsAt: Instant;
};

export type World = {
  now: Instant;
  organizations: Map<string, Organization>;
  users: Map<string, User>;
  memberships: Map<string, Membership>;
  links: Map<string, Link>;
  assignments: Map<string, Assignment>;
  rules: Map<string, Rule>;
  exceptions: Map<string, Exception>;
  guardians: Map<string, Guardian>;
  roles: Map<string, Role>;
  /** followed, not foretold: they only ever end */
  invitations: Map<string, Invitation>;
  clients: Map<string, Client>;
  /** entitlement -> application */
  applicationOf: Map<string, string>;
  /** What was switched off from which link: only there, or above, it is let go again. By the id of the thing. */
  switchedOffUnder: Map<string, string[]>;
};

export const emptyWorld = (now: Instant): World => ({
  now,
  organizations: new Map(),
  users: new Map(),
  memberships: new Map(),
  links: new Map(),
  assignments: new Map(),
  rules: new Map(),
  exceptions: new Map(),
  guardians: new Map(),
  roles: new Map(),
  invitations: new Map(),
  clients: new Map(),
  applicationOf: new Map(),
  switchedOffUnder: new Map(),
});

/** Kinds of things whose every row is compared with the database's after each act. */
export const kinds = [
  'organizations',
  'users',
  'memberships',
  'links',
  'assignments',
  'rules',
  'exceptions',
  'guardians',
  'roles',
] as const;

/** Records are replaced, never changed in place: so a copy of the maps is a copy of the world. */
export const copyOf = (world: World): World => ({
  ...world,
  organizations: new Map(world.organizations),
  users: new Map(world.users),
  memberships: new Map(world.memberships),
  links: new Map(world.links),
  assignments: new Map(world.assignments),
  rules: new Map(world.rules),
  exceptions: new Map(world.exceptions),
  guardians: new Map(world.guardians),
  roles: new Map(world.roles),
  invitations: new Map(world.invitations),
  clients: new Map(world.clients),
  switchedOffUnder: new Map(world.switchedOffUnder),
});

/** Invitations and machines that are there now: none comes back, and none comes from an act that makes none. */
export function follow(world: World, got: World, makes: boolean): string[] {
  const complaints: string[] = [];
  for (const kind of ['invitations', 'clients'] as const) {
    for (const [id, { state }] of got[kind]) {
      const was = world[kind].get(id);
      if (!was && !makes) complaints.push(`${kind}: unexpected ${id}`);
      if (was && was.state !== state && was.state !== 'open' && was.state !== 'active')
        complaints.push(`${kind}: ${id} was ${was.state} and is ${state}`);
    }
    for (const id of world[kind].keys()) if (!got[kind].has(id)) complaints.push(`${kind}: ${id} is missing`);
  }
  world.invitations = got.invitations;
  world.clients = got.clients;
  return complaints;
}

/** Differences between two worlds, row by row, in words. */
export function differences(expected: World, got: World): string[] {
  const found: string[] = [];
  for (const kind of kinds) {
    const one: ReadonlyMap<string, object> = expected[kind];
    const other: ReadonlyMap<string, object> = got[kind];
    for (const [id, record] of one) {
      const there = other.get(id);
      if (!there) found.push(`${kind}: ${id} is missing`);
      else if (JSON.stringify(record) !== JSON.stringify(there) && plain(record) !== plain(there))
        found.push(`${kind}: expected ${plain(record)}, got ${plain(there)}`);
    }
    for (const [id, record] of other) if (!one.has(id)) found.push(`${kind}: unexpected ${plain(record)}`);
  }
  return found;
}

/** A record as text, its fields in order. */
export function plain(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
