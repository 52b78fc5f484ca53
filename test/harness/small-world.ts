import fc from 'fast-check';
import type {
  Box,
  Chain,
  EntitlementLimit,
  EntitlementRef,
  Link,
  Reports,
  ReportsOf,
  Spot,
  Target,
} from '../../src/authority/delegation.ts';
import type { Exception } from '../../src/authority/exception.ts';
import type { Actor, Facts } from '../../src/authority/facts.ts';
import { type Permission, permissionNames, traitsOf } from '../../src/authority/permissions.ts';
import { isAtOrBelow } from '../../src/authority/place.ts';

/**
 * A small world full of look-alikes, in which the laws of authority are tried: its places, people and access, random
 * links and exceptions, and what each of them would mean, spelled out naively.
 */
export const paths = ['r', 'r.1', 'r.1.1', 'r.1.1.1', 'r.1.2', 'r.10', 'r.10.1', 'r.2'];
export const users = ['ann', 'bob', 'cem'];
export const applications = ['parts', 'notes'];
export const entitlements: EntitlementRef[] = [
  { id: 'viewer', applicationId: 'parts' },
  { id: 'buyer', applicationId: 'parts' },
  { id: 'reader', applicationId: 'notes' },
];
export const applicationOf = (id: string): string | undefined =>
  entitlements.find((one) => one.id === id)?.applicationId;
export const some: Permission[] = [
  'user.read',
  'user.invite',
  'access.grant',
  'credential.reset',
  'organization.suspend',
  'delegation.create',
];
export const day = (n: number): Date => new Date(Date.UTC(2030, 0, n));
export const now = day(15);
export const always = { startsAt: new Date(-8.64e15), endsAt: new Date(8.64e15) };

/** Memberships of line managers; `m` is the actor's own. */
const heads = ['m', 'h1', 'h2'];
/** The reporting line of somebody at a place, nearest first; nobody knows it in the last branch. */
export function lineOf(path: string, user: string | undefined): string[] | undefined {
  if (user === undefined || path === 'r.2') return undefined;
  if (user === 'ann') return ['h1', 'm'];
  if (user === 'bob') return ['m'];
  if (user === 'cem') return path.startsWith('r.1.') ? ['h2', 'h1', 'm'] : [];
  return ['m', 'h1'];
}

/** One's own where nobody is named. */
const reports: fc.Arbitrary<ReportsOf> = fc.oneof(
  fc.record({ depth: fc.constantFrom('direct' as const, 'all' as const) }),
  fc.record({
    of: fc.constantFrom(...heads),
    depth: fc.constantFrom('direct' as const, 'all' as const),
  }),
);
export const place = fc.record({ id: fc.constant(''), path: fc.constantFrom(...paths), below: fc.boolean() });
export const box: fc.Arbitrary<Box> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      places: fc.array(place, { minLength: 1, maxLength: 2 }),
      holes: fc.array(place, { maxLength: 1 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      places: fc.array(place, { minLength: 1, maxLength: 2 }),
      users: fc.subarray(users, { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ users: fc.subarray(users, { minLength: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ reports }) },
  {
    weight: 2,
    arbitrary: fc.record({
      places: fc.array(place, { minLength: 1, maxLength: 2 }),
      holes: fc.array(place, { maxLength: 1 }),
      reports,
    }),
  },
);
export const limit: fc.Arbitrary<EntitlementLimit> = fc.oneof(
  fc.constant({ all: true as const }),
  fc.record({
    applications: fc.subarray(applications),
    entitlements: fc.subarray(entitlements.map(({ id }) => id)),
  }),
);
/** Mostly as it is every day: begun, not ended, not paused. */
export const life = fc.oneof(
  { weight: 16, arbitrary: fc.constant({ ...always, state: 'active' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      startsAt: fc.constantFrom(always.startsAt, day(1), day(15), day(20)),
      endsAt: fc.constantFrom(always.endsAt, day(10), day(15), day(30)),
      state: fc.constantFrom('active' as const, 'active' as const, 'paused' as const, 'ended' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ ...always, state: 'active' as const, lapsed: true as const }) },
);
export type Given = Pick<
  Link,
  'permissions' | 'scope' | 'entitlements' | 'startsAt' | 'endsAt' | 'state' | 'mayPassOn' | 'lapsed'
>;
export const given: fc.Arbitrary<Given> = fc
  .record({
    permissions: fc.subarray(some, { minLength: 2 }),
    scope: fc.array(box, { minLength: 1, maxLength: 2 }),
    entitlements: limit,
    mayPassOn: fc.nat(4),
    life,
  })
  .map(({ life: dates, ...rest }) => ({ ...rest, ...dates }));

export const off = fc.subarray(['r.1.1', 'r.10'], { maxLength: 1 });
export const isOff = (path: string, offs: readonly string[]): boolean =>
  offs.some((of) => isAtOrBelow(path, of));

export const root: Link = {
  id: 'root',
  kind: 'administer',
  parentId: null,
  chain: [],
  giverUserId: null,
  giverDelegationId: null,
  delegateKind: 'root',
  delegateUserId: null,
  delegateMembershipId: null,
  delegateOrganizationId: null,
  delegateClientId: null,
  relation: null,
  relationPath: null,
  giverMembershipId: null,
  adminRoleId: null,
  permissions: permissionNames as string[],
  scope: [{ places: [{ id: '', path: 'r', below: true }] }],
  offPlaces: [],
  entitlements: { all: true },
  ...always,
  mayPassOn: 1000,
  seats: null,
  state: 'active',
  endedAt: null,
  version: 1,
};

/** Links from the top down become a chain, nearest first, with the root row at its end. */
export function chainFrom(
  links: readonly Given[],
  offs: readonly string[],
  prefix = 'd',
  membershipId = 'm',
): Chain {
  const ids = links.map((_, index) => `${prefix}${index}`);
  const chain: Chain = [root];
  for (const [index, link] of links.entries())
    chain.unshift({
      ...root,
      ...link,
      id: ids[index]!,
      parentId: chain[0]!.id,
      chain: chain.map(({ id }) => id),
      delegateKind: 'user',
      delegateUserId: 'actor',
      delegateMembershipId: membershipId,
      offPlaces: link.scope
        .flatMap((one) => (one.places ?? []).map(({ path }) => path))
        .filter((path) => isOff(path, offs)),
    });
  return chain;
}

export const me: Actor = {
  kind: 'user',
  userId: 'actor',
  membershipId: 'm',
  sessionId: null,
  displayName: '',
  organizationId: null,
  path: 'r',
  language: 'en',
};
export const factsOf = (chains: readonly Chain[], at: Date = now, exceptions: Exception[] = []): Facts => ({
  at,
  actor: me,
  noStanding: undefined,
  held: chains.map((chain) => chain[0]!),
  links: new Map(chains.flat().map((link) => [link.id, link])),
  standers: new Map(),
  exceptions,
  deputyFor: [],
});

export const targetOf = (
  path: string,
  offs: readonly string[],
  userId?: string,
  entitlement?: EntitlementRef,
): Target => ({
  kind: 'thing',
  id: null,
  organizationId: '',
  path,
  off: isOff(path, offs),
  userId,
  line: lineOf(path, userId),
  entitlement,
});

/** Every target of the small world. */
export const targets = (offs: readonly string[]): Target[] =>
  paths.flatMap((path) =>
    [undefined, ...users, 'actor'].flatMap((user) =>
      [undefined, ...entitlements].map((one) => targetOf(path, offs, user, one)),
    ),
  );

/** Somebody's reports, and never the actor. */
export function isReport({ of = 'm', depth }: ReportsOf | Reports, { userId, line }: Spot): boolean {
  if (userId === undefined || userId === 'actor' || line === undefined) return false;
  const at = line.indexOf(of);
  return depth === 'direct' ? at === 0 : at >= 0;
}

/** What one link alone would give, spelled out link by link: the intersection is all of them. */
export function naive(link: Link, permission: Permission, target: Target, at: Date): boolean {
  const { reading, aboveOff } = traitsOf(permission);
  if (link.delegateKind !== 'root') {
    if (link.state !== 'active' || link.lapsed || at < link.startsAt || at >= link.endsAt) return false;
  }
  if (!link.permissions.includes(permission)) return false;
  if (target.off && !reading && !aboveOff) return false;
  const { entitlement } = target;
  if (entitlement && !link.entitlements.all) {
    const listed =
      link.entitlements.applications.includes(entitlement.applicationId) ||
      link.entitlements.entitlements.includes(entitlement.id);
    if (!listed) return false;
  }
  const covers = (of: { path: string; below: boolean }): boolean =>
    of.below ? isAtOrBelow(target.path, of.path) : target.path === of.path;
  return link.scope.some(
    (one) =>
      (!one.users || (target.userId !== undefined && one.users.includes(target.userId))) &&
      (!one.reports || isReport(one.reports, target)) &&
      !one.holes?.some(covers) &&
      (!one.places || one.places.some((where) => covers(where) && !link.offPlaces.includes(where.path))),
  );
}

export const deepEnough = (chain: Chain): boolean =>
  chain.every((link, distance) => link.delegateKind === 'root' || link.mayPassOn >= distance);

/** Does the exception deny this to whoever acts under this link, spelled out. */
export function naiveDeny(
  one: Exception,
  chain: Chain,
  permission: Permission,
  target: Target,
  at: Date,
): boolean {
  const isOwners = chain.length === 2 && chain[1]!.delegateKind === 'root';
  if (isOwners || one.free.includes(chain[0]!.id)) return false;
  if (at < one.startsAt || at >= one.endsAt) return false;
  if (one.permissions.length > 0 && !one.permissions.includes(permission)) return false;
  const there = one.place.below ? isAtOrBelow(target.path, one.place.path) : target.path === one.place.path;
  if (!there || (one.userId !== null && one.userId !== target.userId)) return false;
  if (one.applicationId !== null) return target.entitlement?.applicationId === one.applicationId;
  return one.entitlementId === null || target.entitlement?.id === one.entitlementId;
}

/** @param links ids of links whose holders may be free of it */
export const exceptionIn = (links: string[]): fc.Arbitrary<Exception> =>
  fc
    .record({
      id: fc.constant('x'),
      place,
      permissions: fc.subarray(some as string[], { maxLength: 2 }),
      applicationId: fc.constantFrom(null, null, null, ...applications),
      entitlementId: fc.constantFrom(null, null, null, ...entitlements.map(({ id }) => id)),
      userId: fc.constantFrom(null, null, ...users),
      free: fc.subarray(links),
      startsAt: fc.constantFrom(always.startsAt, always.startsAt, day(15), day(20)),
      endsAt: fc.constantFrom(always.endsAt, always.endsAt, day(15), day(30)),
    })
    .map((one) => (one.applicationId ? { ...one, entitlementId: null } : one));
