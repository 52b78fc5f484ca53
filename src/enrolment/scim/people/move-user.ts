import { sql } from 'kysely';
import type { Target } from '../../../authority/delegation.ts';
import { isAtOrBelow } from '../../../authority/place.ts';
import { addMembers } from '../../../directory/group-members.ts';
import { groupTargets } from '../../../directory/groups.ts';
import { resumeMembership } from '../../../directory/suspending.ts';
import { updateMembership } from '../../../directory/update-membership.ts';
import type { Context } from '../../../operation/operation.ts';
import { permittedTo } from '../../../operation/permitted.ts';
import { membershipTarget, organizationTarget } from '../../../operation/targets.ts';
import { moveMember } from '../../move-member.ts';
import { type Door, readId, writerOf } from '../connection/door.ts';
import { groups } from '../groups/group-rows.ts';
import { scimError } from '../protocol/problem.ts';
import type { Here } from './change-user.ts';
import { managerIn } from './create-user.ts';
import { readUser } from './user-rows.ts';
import { type Wish, wishOf } from './user-state.ts';

/**
 * Moves somebody whom a feed says to belong to another organization: by `membership.move`, with all that it asks for and
 * all that ends by it. Beside that, groups and a line manager that fit there as well are kept, since a feed thinks of
 * them as of the same person and does not say them again.
 * @param context permitted to `membership.update` this membership
 */
export async function moveUser(
  context: Context,
  door: Door,
  membershipId: string,
  { was, wish }: { was: Wish; wish: Wish },
): Promise<Here> {
  const to = await placeNamed(context, door, wish.organizationId!);
  context.takeAway();
  const { target } = context;
  if (wish.active === true && was.active === false) {
    const permit = context.require('membership.suspend', target, 'user.read');
    await resumeMembership(permittedTo(context, target, permit), membershipId);
  }
  const moving = permittedTo(context, target, context.require('membership.end', target, 'user.read'));
  const { after } = await moveMember(moving, {
    membershipId,
    organizationId: to.organizationId,
    title: wish.title,
    firstDay: was.firstDay,
  });
  const there = (await membershipTarget(context.db, after.id))!;
  const act = permittedTo(context, there, context.require('membership.update', there, 'user.read'));
  if (wish.managerId !== null && wish.managerId === was.managerId) {
    const lineManagerId = await managerIn(context, door, wish.managerId);
    const change = { membershipId: after.id, lineManagerId };
    await context.attempt(() => updateMembership(act, change, writerOf(context)));
  }
  await keepGroups(context, door, membershipId, after.id);
  const { row, resource } = await readUser(context, door, after.id);
  const now = wishOf(resource);
  // Whoever is nobody's there any more was not taken from them by this feed.
  const managerId = wish.managerId === was.managerId ? wish.managerId : now.managerId;
  return { act, membershipId: after.id, row, was: { ...now, managerId } };
}

/** @throws Refusal `scim.invalid-value` for one that is elsewhere, or out of sight, as for one that does not exist */
async function placeNamed(context: Context, door: Door, written: string): Promise<Target> {
  const id = readId(written);
  const named = id && (await organizationTarget(context.db, id));
  const isSeen =
    named &&
    isAtOrBelow(named.path, door.path) &&
    // That somebody is a member there already is told only to whoever sees the people there.
    (['organization.read', 'user.read'] as const).every(
      (permission) => context.decide(permission, named).effect === 'permit',
    );
  if (!isSeen) throw scimError('scim.invalid-value', 'scim.organization');
  return named;
}

/** Groups that stand above both places, where whoever moves them may say who is in them. */
async function keepGroups(context: Context, door: Door, from: string, to: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select g.id ${groups(
      door,
      sql<boolean>`exists (select 1 from group_member gm join membership m on m.id = gm.membership_id where gm.group_id = g.id and m.id = ${from}
        and o.path = any (path_ancestors(m.path))) and o.path = any (path_ancestors((select n.path from membership n where n.id = ${to})))`,
    )} order by g.id`.execute(context.db);
  const targets = await groupTargets(
    context.db,
    rows.map(({ id }) => id),
  );
  for (const [id, target] of targets) {
    const permit = context.decide('group.configure', target);
    if (permit.effect === 'permit')
      await context.attempt(() => addMembers(permittedTo(context, target, permit), id, [to]));
  }
}
