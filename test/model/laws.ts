/** Laws of `invariants.md` that concern authority, revocation, delegation and lock-out, asked of the world before and after an act. */

import { once, settled } from './remember.ts';
import {
  ceilingAllows,
  ceilingAllowsRule,
  chainCovers,
  chainOf,
  fits,
  gives,
  heldBy,
  holders,
  isDenied,
  isOff,
  limitCovers,
  membershipTarget,
  permissionsOf,
  seatsTaken,
  stands,
  stopOf,
  type Target,
  type Using,
  upFrom,
  usingOf,
} from './rules.ts';
import { type Link, never, type World } from './world.ts';

/**
 * The world in which whatever is only suspended, paused or to come is in force: what somebody has there is their power,
 * all that they can or will do.
 */
export const asIfBegun = (world: World): World => once(world, 'as if begun', () => begun(world));

function begun(world: World): World {
  const lively: World = { ...world };
  lively.organizations = new Map(
    [...world.organizations].map(([id, one]) => [id, { ...one, state: 'active' }]),
  );
  lively.users = new Map([...world.users].map(([id, one]) => [id, { ...one, state: 'active' }]));
  lively.memberships = new Map(
    [...world.memberships].map(([id, one]) => [
      id,
      one.state === 'ended' ? one : { ...one, state: 'active', startsAt: never },
    ]),
  );
  lively.clients = new Map([...world.clients].map(([id, one]) => [id, { ...one, startsAt: never }]));
  lively.rules = new Map(
    [...world.rules].map(([id, one]) => [
      id,
      one.state === 'ended' ? one : { ...one, state: 'active', startsAt: never },
    ]),
  );
  lively.links = new Map(
    [...world.links].map(([id, one]) => [
      id,
      one.state === 'ended' ? one : { ...one, state: 'active', startsAt: never },
    ]),
  );
  return settled(lively);
}

type Spot = { key: string; target: Target };

/** Every organization, and every person where they belong. */
const spotsOf = (world: World): Spot[] => [
  ...[...world.organizations.keys()].map((organizationId) => ({
    key: organizationId,
    target: { organizationId },
  })),
  ...[...world.memberships.values()]
    .filter(({ state }) => state !== 'ended')
    .map(({ id }) => ({ key: id, target: membershipTarget(world, id) })),
];

export type Power = Map<string, Map<string, Set<string>>>;

/** What each user can or will do: by user, by spot, the permissions. */
export const powerOf = (world: World): Power => once(world, 'power', () => findPower(world));

function findPower(world: World): Power {
  const lively = asIfBegun(world);
  const spots = spotsOf(world);
  const power: Power = new Map();
  for (const id of [...lively.memberships.keys(), ...lively.clients.keys()]) {
    if (!stands(lively, id)) continue;
    const actor = usingOf(lively, id);
    const { userId } = actor;
    const own = power.get(userId) ?? new Map<string, Set<string>>();
    power.set(userId, own);
    for (const link of heldBy(lively, actor)) {
      const chain = chainOf(lively, link);
      const [first, ...others] = chain.map((one) => new Set(permissionsOf(lively, one)));
      const permissions = [...first!].filter((name) => others.every((set) => set.has(name)));
      if (permissions.length === 0 || stopOf(lively, chain, actor)) continue;
      for (const { key, target } of spots) {
        if (!chainCovers(lively, chain, target, actor)) continue;
        const there = own.get(key) ?? new Set<string>();
        own.set(key, there);
        for (const permission of permissions)
          if (!there.has(permission) && !isDenied(lively, chain, permission, target)) there.add(permission);
      }
    }
  }
  return power;
}

/** Who gained what, by user, spot and permission. What a new organization or person adds for those above is not given. */
export function* gains(
  before: Power,
  after: Power,
  world: World,
): Generator<{ userId: string; spot: string; permission: string }> {
  for (const [userId, spots] of after)
    for (const [spot, permissions] of spots) {
      if (!world.organizations.has(spot) && !world.memberships.has(spot)) continue;
      const had = before.get(userId)?.get(spot);
      for (const permission of permissions) if (!had?.has(permission)) yield { userId, spot, permission };
    }
}

/** May this actor pass this on, by one of their delegations? */
function mayPassOn(world: World, actor: Using, spot: string, permission: string): boolean {
  const target = world.memberships.has(spot) ? membershipTarget(world, spot) : { organizationId: spot };
  return (
    stands(world, actor.membershipId) &&
    heldBy(world, actor)
      .map((link) => chainOf(world, link))
      .some(
        (chain) =>
          gives(world, chain, 'delegation.create', target, actor) &&
          gives(world, chain, permission, target, actor),
      )
  );
}

/** What is off now may be opened again: the actor is asked as if it were. */
const opened = (world: World): World =>
  once(world, 'opened', () => settled({ ...world, organizations: asIfBegun(world).organizations }));

/** I01, I02: nobody gains more than the actor could pass on; and the actor gains nothing. */
export function attenuation(before: World, had: Power, now: Power, actor: Using): string[] {
  const found: string[] = [];
  const open = opened(before);
  for (const { userId, spot, permission } of gains(had, now, before)) {
    const what = `${userId} gained ${permission} over ${spot}`;
    if (userId === actor.userId) found.push(`I02 no self-elevation: ${what} by their own act`);
    else if (!mayPassOn(open, actor, spot, permission)) found.push(`I01 attenuation: ${what}`);
  }
  return found.slice(0, 5);
}

export type Held = Set<string>;

/** Access that people have or will have. */
export const accessOf = (world: World): Held => once(world, 'access', () => findAccess(world));

function findAccess(world: World): Held {
  const lively = asIfBegun(world);
  const held: Held = new Set();
  for (const membership of lively.memberships.values()) {
    if (membership.state === 'ended' || membership.endsAt <= world.now) continue;
    const above = upFrom(lively, membership.organizationId).map(({ id }) => id);
    for (const one of lively.assignments.values()) {
      if (one.state !== 'active' || one.endsAt <= world.now) continue;
      if (one.membershipId !== membership.id && !(one.organizationId && above.includes(one.organizationId)))
        continue;
      if (ceilingAllows(lively, membership.organizationId, one.entitlementId))
        held.add(`${membership.id} ${one.entitlementId}`);
    }
    for (const rule of lively.rules.values())
      if (
        rule.state === 'active' &&
        rule.endsAt > world.now &&
        fits(lively, rule, membership) &&
        ceilingAllowsRule(lively, rule, membership.organizationId)
      )
        held.add(`${membership.id} ${rule.entitlementId}`);
  }
  return held;
}

/** I01 for access: nobody has more afterwards than the actor may hand out. */
export function accessAttenuation(before: World, had: Held, now: Held, actor: Using): string[] {
  const found: string[] = [];
  const open = opened(before);
  for (const piece of now) {
    if (had.has(piece)) continue;
    const [membershipId, entitlementId] = piece.split(' ') as [string, string];
    const membership = before.memberships.get(membershipId);
    if (!membership) continue;
    const target = membershipTarget(before, membershipId);
    const may = heldBy(open, actor)
      .map((link) => chainOf(open, link))
      .some((chain) =>
        ['access.grant', 'delegation.create'].some((permission) =>
          gives(open, chain, permission, { ...target, entitlementId }, actor),
        ),
      );
    if (!may) found.push(`I01 attenuation: ${membershipId} gained access ${entitlementId}`);
  }
  return found;
}

/** Seats are never exceeded, whoever comes by whatever way; what was over them already only shrinks. */
export function seats(before: World, after: World): string[] {
  return [...after.links.values()].flatMap((link) => {
    if (link.seats === null || link.state === 'ended' || link.endsAt <= after.now) return [];
    const taken = seatsTaken(after, link);
    const was = before.links.get(link.id);
    const had = was && was.seats === link.seats ? seatsTaken(before, was) : 0;
    return taken > Math.max(link.seats, had) ? [`seats: ${taken} on the ${link.seats} of ${link.id}`] : [];
  });
}

/** Organizations that are open and that nobody who can sign in looks after (I38). */
export const unmanaged = (world: World): string[] => once(world, 'unmanaged', () => findUnmanaged(world));

function findUnmanaged(world: World): string[] {
  return [...world.organizations.keys()].filter(
    (organizationId) =>
      !isOff(world, organizationId) &&
      !holders(world, 'user.invite', { organizationId }).some(
        ({ userId }) => world.users.get(userId)!.canSignIn,
      ),
  );
}

/** I38: no act leaves an organization without anybody who can manage it. */
export function lockOut(before: World, after: World): string[] {
  const had = unmanaged(before);
  return unmanaged(after)
    .filter((id) => before.organizations.has(id) && !isOff(before, id) && !had.includes(id))
    .map((id) => `I38 no lock-out: nobody can manage ${id} any more`);
}

/** I05: what an act changed lies within what its actor reached, or follows from something that does. */
export function writeContainment(before: World, after: World, actor: Using): string[] {
  const found: string[] = [];
  const reaches = (organizationId: string): boolean =>
    heldBy(before, actor)
      .map((link) => chainOf(before, link))
      .some((chain) => {
        if (stopOf(before, chain, actor)) return false;
        const everybody = [{ organizationId }, ...peopleAt(before, organizationId)];
        return everybody.some((target) => chainCovers(before, chain, target, actor));
      });
  for (const [id, one] of after.organizations) {
    const was = before.organizations.get(id);
    const place = was ? id : one.parentId!;
    if (was !== one && JSON.stringify(was) !== JSON.stringify(one) && !reaches(place))
      found.push(`I05 write containment: organization ${id} lies outside`);
  }
  for (const [id, one] of after.memberships) {
    const was = before.memberships.get(id);
    if (JSON.stringify(was) === JSON.stringify(one) || reaches(one.organizationId)) continue;
    found.push(`I05 write containment: membership ${id} lies outside`);
  }
  return found;
}

const peopleAt = (world: World, organizationId: string): Target[] =>
  [...world.memberships.values()]
    .filter((one) => one.organizationId === organizationId)
    .map(({ id }) => membershipTarget(world, id));

/** I14: what hangs below a link that was ended or paused gives nothing, and below a narrowed one not more than before. */
export function cascade(before: World, after: World, linkId: string): string[] {
  const link = after.links.get(linkId)!;
  const found: string[] = [];
  for (const one of after.links.values()) {
    if (!chainOf(after, one).some(({ id }) => id === linkId)) continue;
    const actor = holderOf(one);
    if (!actor || !before.links.has(one.id)) continue;
    for (const { key, target } of spotsOf(after)) {
      const had = new Set(permissionsGiven(before, before.links.get(one.id)!, target, actor));
      const has = permissionsGiven(after, one, target, actor);
      if (link.state !== 'active' && has.length > 0)
        found.push(`I14 cascade: ${one.id} below the stopped ${linkId} gives ${has} over ${key}`);
      const more = has.filter((name) => !had.has(name));
      if (more.length > 0) found.push(`I14 cascade: ${one.id} gives more than before over ${key}: ${more}`);
    }
  }
  return found.slice(0, 3);
}

/** Who uses a link; what a relation gives depends on who stands in it, and is compared read by read. */
const holderOf = ({ delegate }: Link): Using | undefined =>
  delegate.kind === 'user' ? { userId: delegate.userId, membershipId: delegate.membershipId } : undefined;

function permissionsGiven(world: World, link: Link, target: Target, actor: Using): string[] {
  const chain = chainOf(world, link);
  if (stopOf(world, chain, actor)) return [];
  if (!chainCovers(world, chain, target, actor)) return [];
  return permissionsOf(world, link).filter((name) =>
    chain.every((one) => permissionsOf(world, one).includes(name)),
  );
}

/** I04: effective(d) ⊆ effective(parent(d)), whatever became of the links above. I25: no circle, no longer chain than allowed. */
export function boundaries(world: World): string[] {
  const found: string[] = [];
  const spots = spotsOf(world);
  for (const link of world.links.values()) {
    const chain = chainOf(world, link);
    if (link.kind === 'administer' && chain.at(-1)!.delegate.kind !== 'root')
      found.push(`I25: the chain of ${link.id} does not end at the root row`);
    const actor = holderOf(link);
    if (!actor || link.kind !== 'administer' || stopOf(world, chain, actor)) continue;
    chain.forEach((above, below) => {
      if (above.delegate.kind !== 'root' && above.mayPassOn < below)
        found.push(
          `I25: ${link.id} hangs ${below} below ${above.id}, which may be passed on ${above.mayPassOn} times`,
        );
    });
    for (const { key, target } of spots) {
      if (!chainCovers(world, chain, target, actor)) continue;
      const given = permissionsGiven(world, link, target, actor);
      const parent = chain[1];
      const above = parent ? permissionsOf(world, parent) : given;
      if (given.some((name) => !above.includes(name)))
        found.push(`I04 boundary of boundaries: ${link.id} gives more than its parent over ${key}`);
    }
  }
  return found;
}

type Piece = { atoms: Set<string>; more: Set<string>; endsAt: number };

/**
 * I12: each piece of the person's power lies within a single delegation of the actor's, who has more than that: more to
 * do, more access to give, further to pass on, or for longer.
 */
export function dominates(world: World, actor: Using, userId: string): boolean {
  if (!stands(world, actor.membershipId)) return false;
  const lively = asIfBegun(world);
  const own = chainsOf(world, actor).map((chain) => pieceOf(lively, chain, actor));
  const pieces = [...lively.memberships.values()]
    .filter((one) => one.userId === userId && one.state !== 'ended')
    .map(({ id }) => usingOf(lively, id))
    .flatMap((user) => chainsOf(lively, user).map((chain) => pieceOf(lively, chain, user)));
  const within = (inner: Set<string>, outer: Set<string>): boolean =>
    [...inner].every((atom) => outer.has(atom));
  if (!pieces.every((piece) => own.some((outer) => within(piece.atoms, outer.atoms)))) return false;
  return own.some(
    (outer) =>
      !pieces.some(
        (piece) =>
          within(outer.atoms, piece.atoms) && within(outer.more, piece.more) && outer.endsAt <= piece.endsAt,
      ),
  );
}

/** The chains that give somebody something. */
const chainsOf = (world: World, user: Using): Link[][] =>
  heldBy(world, user)
    .map((link) => chainOf(world, link))
    .filter((chain) => !stopOf(world, chain, user));

function pieceOf(world: World, chain: Link[], user: Using): Piece {
  const atoms = new Set<string>();
  const permissions = permissionsOf(world, chain[0]!).filter((name) =>
    chain.every((link) => permissionsOf(world, link).includes(name)),
  );
  for (const { key, target } of spotsOf(world))
    if (chainCovers(world, chain, target, user))
      for (const permission of permissions)
        if (!isDenied(world, chain, permission, target)) atoms.add(`${key} ${permission}`);
  const more = new Set<string>();
  for (const entitlementId of world.applicationOf.keys())
    if (chain.every((link) => limitCovers(world, link, entitlementId))) more.add(entitlementId);
  const depth = Math.min(
    ...chain.filter(({ delegate }) => delegate.kind !== 'root').map((link, below) => link.mayPassOn - below),
  );
  for (let level = 1; level <= depth; level += 1) more.add(`passed on ${level}`);
  return { atoms, more, endsAt: Math.min(...chain.map(({ endsAt }) => endsAt)) };
}
