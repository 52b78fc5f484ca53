/**
 * Acts with effects too wide to foretell row by row. The model says who may not do them at all; what they come to is
 * taken from the product and held by the laws: nobody gains more than the actor may pass on, no link reaches further than
 * the one above it, every copy fits its pointer, and every read then answers as the rules do over what there is now.
 */
import { chainOf, heldBy, may, type Target, type Using, upFrom } from '../rules.ts';
import { kinds, plain, type World } from '../world.ts';
import { type Act, type Done, type Outcome, refused } from './act.ts';

const any: Outcome[] = ['allowed', 'refused', 'conflict'];

/** Takes over what the product did, but only to the kinds of things that such an act may touch. */
function takeOver(after: World, { world: got }: Done, touches: (typeof kinds)[number][]): string[] {
  const complaints: string[] = [];
  for (const kind of kinds) {
    const things = new Map<string, never>(got[kind] as Map<string, unknown> as Map<string, never>);
    if (!touches.includes(kind) && plain([...things].sort()) !== plain([...after[kind]].sort()))
      complaints.push(`it changed ${kind}, too`);
    // One by one, so that what was there keeps its order.
    const mine = after[kind] as Map<string, unknown> as Map<string, never>;
    for (const id of [...mine.keys()]) if (!things.has(id)) mine.delete(id);
    for (const [id, thing] of things) mine.set(id, thing);
  }
  return complaints;
}

export const moveOrganization = (actor: Using, organizationId: string, parentId: string): Act => ({
  operation: 'organization.move',
  actor,
  input: { organizationId, parentId },
  predict: (world) => {
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
        return complaints;
      },
    };
  },
});

export type ExceptionWish = {
  organizationId: string;
  below: boolean;
  permissions: string[];
  applicationId?: string;
  membershipId?: string;
};

export const setException = (actor: Using, wish: ExceptionWish): Act => ({
  operation: 'exception.create',
  actor,
  input: wish,
  predict: (world) => {
    const { organizationId, membershipId } = wish;
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
});

/** [6] Only holders of the link it was set under, or of one above that, lift it; and it is a grant (I01). */
export const liftException = (actor: Using, exceptionId: string): Act => ({
  operation: 'exception.lift',
  actor,
  input: { exceptionId },
  predict: (world) => {
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
});

const roleTarget = (world: World, roleId: string): Target | undefined => {
  const { organizationId } = world.roles.get(roleId)!;
  return organizationId === null ? undefined : { organizationId };
};

export const createRole = (
  actor: Using,
  organizationId: string,
  name: string,
  permissions: string[],
): Act => ({
  operation: 'admin-role.create',
  actor,
  input: { organizationId, name, permissions },
  predict: (world) =>
    may(world, actor, 'admin-role.configure', { organizationId })
      ? { outcomes: any, why: 'of what they may', apply: (after, done) => takeOver(after, done, ['roles']) }
      : refused('may not make admin roles there'),
});

/** Editing one is a grant to everybody who has it (I01), and takes from them at the next request (I14). */
export const editRole = (actor: Using, adminRoleId: string, permissions: string[]): Act => ({
  operation: 'admin-role.update',
  actor,
  input: { adminRoleId, permissions },
  predict: (world) => {
    const target = roleTarget(world, adminRoleId);
    return target && may(world, actor, 'admin-role.configure', target)
      ? {
          outcomes: any,
          why: 'within what they may',
          apply: (after, done) => takeOver(after, done, ['roles']),
        }
      : refused('may not change it');
  },
});
