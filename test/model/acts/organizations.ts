import { chainsFor, hasLeft, isAtOrBelow, isOff, may, type Using, upFrom } from '../rules.ts';
import type { Box, Link, Membership, World } from '../world.ts';
import {
  allowed,
  change,
  conflict,
  declare,
  mayLift,
  noteSwitchedOff,
  nothingChanges,
  type Prediction,
  refused,
} from './act.ts';
import { leavesUnmanaged, ownersAllow } from './last-manager.ts';

const nameTaken = (world: World, parentId: string | null, name: string, but?: string): boolean =>
  [...world.organizations.values()].some(
    (one) =>
      one.id !== but &&
      one.parentId === parentId &&
      one.state !== 'closed' &&
      one.name.toLowerCase() === name.toLowerCase(),
  );

export const createOrganization = declare(
  'organization.create',
  (parentId: string, name: string) => ({ parentId, name }),
  (world, actor, parentId, name) => {
    if (!may(world, actor, 'organization.create', { organizationId: parentId }))
      return refused('may not make organizations there');
    if (upFrom(world, parentId).length >= 24) return refused('too deep');
    if (nameTaken(world, parentId, name)) return conflict('name taken');
    return allowed((after, { output }) => {
      const { id } = output as { id: string };
      after.organizations.set(id, { id, parentId, name, state: 'active' });
    });
  },
);

/** Not the topmost, and not one that the actor acts from or below. */
function maySwitchOff(
  world: World,
  actor: Using,
  organizationId: string,
  permission: string,
): Prediction | undefined {
  if (!may(world, actor, permission, { organizationId })) return refused('may not switch it off');
  if (world.organizations.get(organizationId)!.parentId === null) return refused('the topmost one');
  const { organizationId: own } = world.memberships.get(actor.membershipId)!;
  if (isAtOrBelow(world, own, organizationId)) return refused('their own');
  // What is below goes along: one chain reaches all of it.
  const below = [...world.organizations.values()].filter(
    ({ id, state }) => state !== 'closed' && isAtOrBelow(world, id, organizationId),
  );
  const chains = [organizationId, ...below.map(({ id }) => id)].map(
    (id) => new Set(chainsFor(world, actor, permission, { organizationId: id }).map(([held]) => held!.id)),
  );
  if (![...chains[0]!].some((id) => chains.every((able) => able.has(id))))
    return refused('something below is out of reach');
  return undefined;
}

const membersWithPower = (world: World, organizationId: string): string[] =>
  [...world.memberships.values()]
    .filter((one) => one.state !== 'ended' && isAtOrBelow(world, one.organizationId, organizationId))
    .filter((one) =>
      [...world.links.values()].some(
        ({ delegate, state }) =>
          delegate.kind === 'user' && delegate.membershipId === one.id && state === 'active',
      ),
    )
    .map(({ id }) => id);

function othersStay(world: World, actor: Using, organizationId: string): Prediction | undefined {
  const members = membersWithPower(world, organizationId);
  if (!ownersAllow(world, actor, members)) return refused('only another owner takes an owner out');
  if (leavesUnmanaged(world, members, organizationId))
    return conflict('nobody could manage what they manage');
  return undefined;
}

export const suspendOrganization = declare(
  'organization.suspend',
  (organizationId: string) => ({ organizationId }),
  (world, actor, organizationId) => {
    const no =
      maySwitchOff(world, actor, organizationId, 'organization.suspend') ??
      othersStay(world, actor, organizationId);
    if (no) return no;
    if (world.organizations.get(organizationId)!.state !== 'active') return nothingChanges;
    const chains = chainsFor(world, actor, 'organization.suspend', { organizationId });
    return allowed((after) => {
      change(after.organizations, organizationId, { state: 'suspended' });
      noteSwitchedOff(after, organizationId, chains);
    });
  },
);

export const closeOrganization = declare(
  'organization.close',
  (organizationId: string) => ({ organizationId }),
  (world, actor, organizationId) => {
    const no = maySwitchOff(world, actor, organizationId, 'organization.close');
    if (no) return no;
    if (world.organizations.get(organizationId)!.state === 'closed') return nothingChanges;
    const unmanaged = othersStay(world, actor, organizationId);
    if (unmanaged) return unmanaged;
    const chains = chainsFor(world, actor, 'organization.close', { organizationId });
    return allowed((after) => {
      endAllIn(after, organizationId);
      change(after.organizations, organizationId, { state: 'closed' });
      noteSwitchedOff(after, organizationId, chains);
    });
  },
);

/** [4] Closing ends memberships, assignments, rules and delegations there and below. */
function endAllIn(world: World, top: string): void {
  const inside = (organizationId: string): boolean => isAtOrBelow(world, organizationId, top);
  const memberInside = (membershipId: string): boolean =>
    inside(world.memberships.get(membershipId)!.organizationId);
  for (const link of world.links.values()) {
    const { delegate } = link;
    if (delegate.kind === 'root' || link.state === 'ended') continue;
    const held =
      delegate.kind === 'user'
        ? memberInside(delegate.membershipId)
        : inside(
            delegate.kind === 'client'
              ? world.clients.get(delegate.clientId)!.organizationId
              : delegate.organizationId,
          );
    const reaches = link.scope.some((box) =>
      box.places?.some(({ organizationId }) => inside(organizationId)),
    );
    if (held) change(world.links, link.id, { state: 'ended' });
    else if (reaches) losePlaces(world, link, inside);
  }
  for (const one of world.guardians.values())
    if (one.state === 'active' && (inside(one.organizationId) || memberInside(one.membershipId)))
      change(world.guardians, one.id, { state: 'ended' });
  const leaving = [...world.memberships.values()].filter(
    (one) => one.state !== 'ended' && inside(one.organizationId),
  );
  endMemberships(world, leaving);
  for (const one of world.assignments.values())
    if (one.state === 'active' && one.organizationId !== null && inside(one.organizationId))
      change(world.assignments, one.id, { state: 'ended' });
  for (const one of world.rules.values())
    if (
      one.state !== 'ended' &&
      (inside(one.organizationId) || inside(one.inOrganizationId ?? one.organizationId))
    )
      change(world.rules, one.id, { state: 'ended' });
}

/** A link over nothing else ends; one that reaches elsewhere, too, keeps the rest. */
function losePlaces(world: World, link: Link, inside: (organizationId: string) => boolean): void {
  const scope = link.scope.flatMap((box): Box[] => {
    if (!box.places) return [box];
    const places = box.places.filter(({ organizationId }) => !inside(organizationId));
    return places.length > 0 ? [{ ...box, places }] : [];
  });
  change(world.links, link.id, scope.length === 0 ? { state: 'ended' } : { scope });
}

/** Endings are final; what was given to the members ends, their links are vacant, and the account finds another home. */
export function endMemberships(world: World, leaving: Membership[]): void {
  const ids = leaving.map(({ id }) => id);
  for (const one of leaving)
    change(world.memberships, one.id, {
      state: 'ended',
      endsAt: Math.max(one.startsAt, Math.min(one.endsAt, world.now)),
    });
  for (const one of world.assignments.values())
    if (one.state === 'active' && one.membershipId !== null && ids.includes(one.membershipId))
      change(world.assignments, one.id, { state: 'ended' });
  for (const one of leaving) {
    const user = world.users.get(one.userId)!;
    if (user.home !== one.organizationId) continue;
    const [next] = [...world.memberships.values()]
      .filter(
        (other) =>
          other.userId === user.id &&
          !ids.includes(other.id) &&
          other.state === 'active' &&
          !hasLeft(world, other) &&
          !isOff(world, other.organizationId),
      )
      .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    if (next) change(world.users, user.id, { home: next.organizationId });
  }
}

export const resumeOrganization = declare(
  'organization.resume',
  (organizationId: string) => ({ organizationId }),
  (world, actor, organizationId) => {
    const chains = chainsFor(world, actor, 'organization.suspend', { organizationId });
    if (chains.length === 0) return refused('may not open it');
    const { state, parentId, name } = world.organizations.get(organizationId)!;
    if (state === 'active') return nothingChanges;
    if (!chains.some((chain) => mayLift(world, organizationId, chain)))
      return refused('switched off from above');
    // Whoever reopens what was closed could have closed it.
    if (state === 'closed' && !may(world, actor, 'organization.close', { organizationId }))
      return refused('may not close, so not reopen');
    if (nameTaken(world, parentId, name, organizationId)) return conflict('name taken meanwhile');
    return allowed((after) => {
      change(after.organizations, organizationId, { state: 'active' });
      after.switchedOffUnder.delete(organizationId);
    });
  },
);
