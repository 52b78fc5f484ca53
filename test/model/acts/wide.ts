/**
 * Acts with effects too wide to foretell row by row. The model says who may not do them at all; what they come to is
 * taken from the product and held by the laws: nobody gains more than the actor may pass on, no link reaches further than
 * the one above it, every copy fits its pointer, and every read then answers as the rules do over what there is now.
 */
import { dominates } from '../laws.ts';
import {
  accountTarget,
  chainOf,
  chainsFor,
  heldBy,
  may,
  membershipTarget,
  type Target,
  upFrom,
} from '../rules.ts';
import { kinds, plain, type World } from '../world.ts';
import { any, declare, noteSwitchedOff, refused, takeOver } from './act.ts';
import { receiptComplaints } from './move-receipt.ts';

export const moveOrganization = declare(
  'organization.move',
  (organizationId: string, parentId: string) => ({ organizationId, parentId }),
  (world, actor, organizationId, parentId) => {
    const { parentId: from } = world.organizations.get(organizationId)!;
    if (!may(world, actor, 'organization.move', { organizationId })) return refused('may not move it');
    if (from === null || upFrom(world, parentId).some(({ id }) => id === organizationId))
      return { outcomes: ['refused', 'conflict'], why: 'the topmost, or below itself' };
    for (const id of [from, parentId])
      if (id !== organizationId && !may(world, actor, 'organization.move', { organizationId: id }))
        return {
          outcomes: from === parentId ? any : ['refused'],
          why: 'may not move from or to there',
          apply: () => [],
        };
    return {
      outcomes: any,
      why: 'a move within what they may',
      apply: (after, done) => {
        const complaints = takeOver(after, done, [
          'organizations',
          'links',
          'assignments',
          'memberships',
          'users',
          'exceptions',
          'roles',
        ]);
        const moved = after.organizations.get(organizationId)!;
        if (moved.parentId !== parentId) complaints.push('it does not stand where it was moved');
        for (const [id, one] of world.organizations)
          if (id !== organizationId && plain(one) !== plain(after.organizations.get(id)))
            complaints.push(`${id} changed by the move of another`);
        for (const [id, one] of world.memberships)
          if (plain(one) !== plain(after.memberships.get(id)))
            complaints.push(`membership ${id} changed by a move`);
        for (const [id, one] of world.links)
          if (one.state === 'ended' && after.links.get(id)!.state !== 'ended')
            complaints.push(`${id} came back`);
        return [...complaints, ...receiptComplaints(world, after, done.output)];
      },
    };
  },
);

export type ExceptionWish = {
  organizationId: string;
  below: boolean;
  permissions: string[];
  applicationId?: string;
  membershipId?: string;
};

export const setException = declare(
  'exception.create',
  (wish: ExceptionWish) => wish,
  (world, actor, { organizationId, membershipId }) => {
    const userId = membershipId && world.memberships.get(membershipId)!.userId;
    const target: Target = { organizationId, ...(userId ? { userId, membershipId } : {}) };
    if (!may(world, actor, 'exception.set', target)) return refused('may not set exceptions there');
    if (userId === actor.userId) return refused('about themselves');
    return {
      outcomes: any,
      why: 'over what they hold',
      apply: (after, done) => takeOver(after, done, ['exceptions']),
    };
  },
);

/** [6] Only holders of the link it was set under, or of one above that, lift it; and it is a grant (I01). */
export const liftException = declare(
  'exception.lift',
  (exceptionId: string) => ({ exceptionId }),
  (world, actor, exceptionId) => {
    const exception = world.exceptions.get(exceptionId)!;
    const under = exception.setUnder === null ? undefined : world.links.get(exception.setUnder);
    const free = heldBy(world, actor).some((link) => {
      const chain = chainOf(world, link);
      return (
        chain[1]?.delegate.kind === 'root' ||
        (under && chainOf(world, under).some(({ id }) => id === link.id))
      );
    });
    if (!free) return refused('set from above');
    return {
      outcomes: any,
      why: 'set under what they hold',
      apply: (after, done) => {
        const complaints = takeOver(after, done, ['exceptions']);
        if (after.exceptions.get(exceptionId)!.state !== 'lifted') complaints.push('it was not lifted');
        return complaints;
      },
    };
  },
);

const roleTarget = (world: World, roleId: string): Target | undefined => {
  const { organizationId } = world.roles.get(roleId)!;
  return organizationId === null ? undefined : { organizationId };
};

export const createRole = declare(
  'admin-role.create',
  (organizationId: string, name: string, permissions: string[]) => ({ organizationId, name, permissions }),
  (world, actor, organizationId) =>
    may(world, actor, 'admin-role.configure', { organizationId })
      ? { outcomes: any, why: 'of what they may', apply: (after, done) => takeOver(after, done, ['roles']) }
      : refused('may not make admin roles there'),
);

/** Editing one is a grant to everybody who has it (I01), and takes from them at the next request (I14). */
export const editRole = declare(
  'admin-role.update',
  (adminRoleId: string, permissions: string[]) => ({ adminRoleId, permissions }),
  (world, actor, adminRoleId) => {
    const target = roleTarget(world, adminRoleId);
    return target && may(world, actor, 'admin-role.configure', target)
      ? {
          outcomes: any,
          why: 'within what they may',
          apply: (after, done) => takeOver(after, done, ['roles']),
        }
      : refused('may not change it');
  },
);

/** Everything of one goes to the other, which is switched off: by who may move and close it. */
export const mergeOrganization = declare(
  'organization.merge',
  (organizationId: string, intoId: string) => ({ organizationId, intoId }),
  (world, actor, organizationId, intoId) => {
    if (
      !may(world, actor, 'organization.move', { organizationId }) ||
      !may(world, actor, 'organization.move', { organizationId: intoId }) ||
      !may(world, actor, 'organization.close', { organizationId })
    )
      return refused('may not move and close it');
    return {
      outcomes: any,
      why: 'within what they may',
      apply: (after, done) => {
        const complaints = takeOver(after, done, [...kinds]);
        if (after.organizations.get(organizationId)!.state !== 'closed') complaints.push('it stands open');
        noteSwitchedOff(
          after,
          organizationId,
          chainsFor(world, actor, 'organization.move', { organizationId }),
        );
        for (const { organizationId: place, state, id } of after.memberships.values())
          if (place === organizationId && state !== 'ended') complaints.push(`${id} was left behind`);
        for (const [id, one] of world.links)
          if (one.state === 'ended' && after.links.get(id)!.state !== 'ended')
            complaints.push(`${id} came back`);
        return complaints;
      },
    };
  },
);

/** What somebody gave since an instant ends, as far as the actor may end it; nothing else does. */
export const takeBack = declare(
  'delegation.take-back',
  (membershipId: string, since: number) => ({ membershipId, since: new Date(since).toISOString() }),
  (world, actor, membershipId) => {
    if (!may(world, actor, 'delegation.end', membershipTarget(world, membershipId)))
      return refused('may not end what they gave');
    const { userId } = world.memberships.get(membershipId)!;
    return {
      outcomes: any,
      why: 'over them',
      apply: (after, done) => {
        const complaints = takeOver(after, done, ['links', 'assignments']);
        for (const [id, link] of after.links) {
          const was = world.links.get(id);
          if (!was) complaints.push(`there is a new link ${id}`);
          else if (
            plain(was) !== plain({ ...link, state: was.state }) ||
            (was.state !== link.state && link.state !== 'ended')
          )
            complaints.push(`${id} was changed, not ended`);
          else if (was.state !== link.state && was.giverUserId !== userId)
            complaints.push(`${id} was given by somebody else`);
        }
        for (const [id, one] of after.assignments) {
          const was = world.assignments.get(id);
          if (!was || plain({ ...was, state: one.state }) !== plain(one))
            complaints.push(`access ${id} was changed, not ended`);
        }
        return complaints;
      },
    };
  },
);

/** I12: whoever prints the code has the account, and so all that its holder can do. */
export const resetCredential = declare(
  'credential.reset',
  (membershipId: string) => ({ membershipId }),
  (world, actor, membershipId) => {
    const { userId } = world.memberships.get(membershipId)!;
    if (!may(world, actor, 'credential.reset', accountTarget(world, userId)))
      return refused('may not reset there');
    if (userId === actor.userId) return refused('themselves');
    if (world.users.get(userId)!.state !== 'active')
      return { outcomes: ['refused', 'conflict'], why: 'the account is off' };
    if (!dominates(world, actor, userId)) return refused('their power is not less (I12)');
    return { outcomes: any, why: 'their power is less', apply: (after, done) => takeOver(after, done, []) };
  },
);
