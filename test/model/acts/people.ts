import {
  chainsFor,
  hasLeft,
  isAtOrBelow,
  isFull,
  lineAbove,
  may,
  membershipTarget,
  type Using,
} from '../rules.ts';
import { always, type World } from '../world.ts';
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
import { endMemberships } from './organizations.ts';

/** No administrative act targets its actor (I02); and nothing is done to somebody who has left. */
function mayActOn(
  world: World,
  actor: Using,
  membershipId: string,
  permission: string,
): Prediction | undefined {
  const membership = world.memberships.get(membershipId)!;
  if (!may(world, actor, permission, membershipTarget(world, membershipId)))
    return refused(`may not ${permission}`);
  if (membership.userId === actor.userId) return refused('themselves');
  if (hasLeft(world, membership)) return conflict('has left');
  return undefined;
}

function othersStay(world: World, actor: Using, membershipId: string): Prediction | undefined {
  if (!ownersAllow(world, actor, [membershipId])) return refused('only another owner takes an owner out');
  if (leavesUnmanaged(world, [membershipId])) return conflict('nobody could manage what they manage');
  return undefined;
}

export const endMembership = declare(
  'membership.end',
  (membershipId: string) => ({ membershipId }),
  (world, actor, membershipId) =>
    mayActOn(world, actor, membershipId, 'membership.end') ??
    othersStay(world, actor, membershipId) ??
    allowed((after) => endMemberships(after, [after.memberships.get(membershipId)!])),
);

export const suspendMembership = declare(
  'membership.suspend',
  (membershipId: string) => ({ membershipId }),
  (world, actor, membershipId) => {
    const no = mayActOn(world, actor, membershipId, 'membership.suspend');
    if (no) return no;
    if (world.memberships.get(membershipId)!.state === 'suspended') return nothingChanges;
    const unmanaged = othersStay(world, actor, membershipId);
    if (unmanaged) return unmanaged;
    const chains = chainsFor(world, actor, 'membership.suspend', membershipTarget(world, membershipId));
    return allowed((after) => {
      change(after.memberships, membershipId, { state: 'suspended' });
      noteSwitchedOff(after, membershipId, chains);
    });
  },
);

export const resumeMembership = declare(
  'membership.resume',
  (membershipId: string) => ({ membershipId }),
  (world, actor, membershipId) => {
    const no = mayActOn(world, actor, membershipId, 'membership.suspend');
    if (no) return no;
    if (world.memberships.get(membershipId)!.state === 'active') return nothingChanges;
    const chains = chainsFor(world, actor, 'membership.suspend', membershipTarget(world, membershipId));
    if (!chains.some((chain) => mayLift(world, membershipId, chain))) return refused('suspended from above');
    return allowed((after) => {
      change(after.memberships, membershipId, { state: 'active' });
      after.switchedOffUnder.delete(membershipId);
    });
  },
);

/** What a new line manager and those above gain by it (ruling 2) is held by the laws, which ask after each act. */
export const changeLineManager = declare(
  'membership.update',
  (membershipId: string, managerId: string | null) => ({ membershipId, lineManagerId: managerId }),
  (world, actor, membershipId, managerId) => {
    const no = mayActOn(world, actor, membershipId, 'membership.update');
    if (no) return no;
    const membership = world.memberships.get(membershipId)!;
    if (managerId !== null) {
      const manager = world.memberships.get(managerId)!;
      const near =
        isAtOrBelow(world, manager.organizationId, membership.organizationId) ||
        isAtOrBelow(world, membership.organizationId, manager.organizationId);
      if (!may(world, actor, 'user.read', membershipTarget(world, managerId)))
        return refused('manager unseen');
      if (!near || manager.userId === membership.userId || hasLeft(world, manager))
        return refused('manager does not fit');
      if (managerId === membershipId || lineAbove(world, managerId).includes(membershipId))
        return refused('would report to themselves');
    }
    return {
      // Not allowed where somebody gains more than the actor may pass on.
      outcomes:
        managerId === null || managerId === membership.managerId ? ['allowed'] : ['allowed', 'refused'],
      why: 'permitted, unless it gives too much',
      apply: (after) => {
        change(after.memberships, membershipId, { managerId });
        return [];
      },
    };
  },
);

/** Somebody new, who has no e-mail address. */
export const enrol = declare(
  'user.enrol',
  (organizationId: string, name: string) => ({ organizationId, userName: name, displayName: name }),
  (world, actor, organizationId, name) => {
    if (!may(world, actor, 'user.enrol', { organizationId })) return refused('may not enrol there');
    const taken = [...world.users.values()].some(
      (one) => one.home === organizationId && one.name.toLowerCase() === name.toLowerCase(),
    );
    if (taken) return conflict('user name taken');
    if (isFull(world, organizationId)) return { outcomes: ['conflict', 'refused'], why: 'no seat left' };
    return {
      outcomes: ['allowed', 'refused'],
      why: 'permitted, unless "members of" there gives them too much',
      apply: (after, { output, world: got }) => {
        const { userId, membershipId } = output as { userId: string; membershipId: string };
        after.users.set(userId, {
          id: userId,
          name,
          home: organizationId,
          state: 'active',
          canSignIn: false,
        });
        const made = got.memberships.get(membershipId);
        if (!made) return ['the new membership is not there'];
        // Of two at once the other one may have ended it already.
        const ended = made.state === 'ended';
        after.memberships.set(membershipId, {
          id: membershipId,
          userId,
          organizationId,
          state: 'active',
          startsAt: made.startsAt,
          endsAt: ended ? always : made.endsAt,
          managerId: null,
          createdAt: world.now,
          title: '',
          depot: null,
        });
        return ended || (made.startsAt <= world.now && made.endsAt > world.now)
          ? []
          : ['the new membership is out of date'];
      },
    };
  },
);
