import {
  type Area,
  areasOf,
  ceilingAllows,
  chainsFor,
  hasLeft,
  isAtOrBelow,
  isDenied,
  membershipTarget,
  spreadWithin,
  type Target,
  type Using,
} from '../rules.ts';
import type { Exception, Link, World } from '../world.ts';
import { type Act, allowed, change, conflict, declare, nothingChanges, refused } from './act.ts';

/** To one person, or to everybody in an organization and below. */
export type Recipient = { membershipId: string } | { organizationId: string };

const targetOf = (world: World, to: Recipient, entitlementId: string): Target => ({
  ...('membershipId' in to ? membershipTarget(world, to.membershipId) : to),
  entitlementId,
});

/** The chains that give the act; for an organization they must reach all of it, everybody, without a hole. */
function chainsOver(
  world: World,
  actor: Using,
  permission: string,
  to: Recipient,
  entitlementId: string,
): Link[][] {
  const target = targetOf(world, to, entitlementId);
  const chains = chainsFor(world, actor, permission, target).filter(
    (chain) => !isDenied(world, chain, permission, { ...target, entitlementId: undefined }),
  );
  if ('membershipId' in to) return chains;
  return chains.filter(
    (chain) =>
      areasOf(world, chain, actor).some((area) => reachesAll(world, area, to.organizationId)) &&
      ![...world.exceptions.values()].some((one) =>
        cutsBelow(world, one, chain, permission, to, entitlementId),
      ),
  );
}

/** The chains that by themselves give all of these to everybody in a place, or to everybody there and below. */
export function chainsToAll(
  world: World,
  actor: Using,
  permissions: readonly string[],
  organizationId: string,
  below: boolean,
  entitlementId: string,
): Link[][] {
  const target = { organizationId, entitlementId };
  const ofOne = (permission: string): Link[][] =>
    below
      ? chainsOver(world, actor, permission, { organizationId }, entitlementId)
      : chainsFor(world, actor, permission, target).filter(
          (chain) => !isDenied(world, chain, permission, { organizationId }),
        );
  const [first, ...others] = permissions.map(ofOne);
  return first!.filter((chain) =>
    others.every((chains) => chains.some((other) => other[0]!.id === chain[0]!.id)),
  );
}

const reachesAll = (world: World, area: Area, organizationId: string): boolean =>
  spreadWithin(world, { organizationId, below: true }, area) &&
  !area.holes.some((hole) => isAtOrBelow(world, hole.organizationId, organizationId));

/** An exception further down takes a part, or a person, out of "everybody below". */
function cutsBelow(
  world: World,
  exception: Exception,
  chain: Link[],
  permission: string,
  to: { organizationId: string },
  entitlementId: string,
): boolean {
  if (!isAtOrBelow(world, exception.place.organizationId, to.organizationId)) return false;
  const target = {
    organizationId: exception.place.organizationId,
    userId: exception.userId ?? undefined,
    entitlementId,
  };
  const only = { ...world, exceptions: new Map([[exception.id, exception]]) };
  return isDenied(only, chain, permission, target);
}

const undoSeconds = 10;

export const grant = (actor: Using, to: Recipient, entitlementId: string, days: number | null): Act => ({
  operation: 'assignment.grant',
  actor,
  // In days from a fixed one: the same input has to mean the same wherever it stands in a trace.
  input: {
    ...('membershipId' in to ? { membershipIds: [to.membershipId] } : to),
    entitlementIds: [entitlementId],
    ...(days === null ? {} : { until: new Date(Date.UTC(2026, 2, 3) + days * 86_400_000).toISOString() }),
  },
  predict: (world) => {
    const chains = chainsOver(world, actor, 'access.grant', to, entitlementId);
    if (chains.length === 0) return refused('may not give it');
    if ('membershipId' in to) {
      const membership = world.memberships.get(to.membershipId)!;
      if (membership.userId === actor.userId) return refused('to themselves');
      if (hasLeft(world, membership)) return conflict('has left');
    } else {
      const belongs = [...world.memberships.values()].some(
        (one) =>
          one.userId === actor.userId &&
          one.state !== 'ended' &&
          isAtOrBelow(world, one.organizationId, to.organizationId),
      );
      if (belongs) return refused('to an organization of their own');
    }
    if (!ceilingAllows(world, targetOf(world, to, entitlementId).organizationId, entitlementId))
      return refused('above the ceiling');
    const startsAt = world.now + undoSeconds * 1000;
    const until = days === null ? null : Date.UTC(2026, 2, 3) + days * 86_400_000;
    if (until !== null && until <= startsAt) return refused('would end before it begins');
    const latest = Math.max(...chains.map((chain) => Math.min(...chain.map(({ endsAt }) => endsAt))));
    if (startsAt >= latest || (until !== null && until > latest)) return refused('beyond their own period');
    const endsAt = until ?? latest;
    const [had] = [...world.assignments.values()].filter(
      (one) =>
        one.state === 'active' &&
        one.entitlementId === entitlementId &&
        ('membershipId' in to
          ? one.membershipId === to.membershipId
          : one.organizationId === to.organizationId),
    );
    if (had && had.endsAt > world.now) {
      if (had.startsAt <= startsAt && had.endsAt >= endsAt) return nothingChanges;
      if (startsAt > had.endsAt || endsAt < had.startsAt) return conflict('given already for other dates');
    }
    const joins = had && had.endsAt > world.now ? had : undefined;
    return allowed((after, { output }) => {
      if (had) change(after.assignments, had.id, { state: 'ended' });
      const { results } = output as { results: { assignmentIds: string[] }[] };
      const id = results[0]!.assignmentIds[0]!;
      after.assignments.set(id, {
        id,
        membershipId: 'membershipId' in to ? to.membershipId : null,
        organizationId: 'organizationId' in to ? to.organizationId : null,
        entitlementId,
        startsAt: Math.min(startsAt, joins?.startsAt ?? startsAt),
        endsAt: Math.max(endsAt, joins?.endsAt ?? endsAt),
        state: 'active',
      });
    });
  },
});

export const endAssignment = declare(
  'assignment.end',
  (assignmentId: string) => ({ assignmentId }),
  (world, actor, assignmentId) => {
    const assignment = world.assignments.get(assignmentId)!;
    const { membershipId, organizationId, entitlementId } = assignment;
    const to = membershipId === null ? { organizationId: organizationId! } : { membershipId };
    if (chainsOver(world, actor, 'access.end', to, entitlementId).length === 0)
      return refused('may not take it');
    if (membershipId !== null && world.memberships.get(membershipId)!.userId === actor.userId)
      return refused('their own');
    if (assignment.state === 'ended') return nothingChanges;
    return allowed((after) => change(after.assignments, assignmentId, { state: 'ended' }));
  },
);
