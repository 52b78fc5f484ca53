import { sql } from 'kysely';
import type { Target } from '../../../authority/delegation.ts';
import { suspendMembership } from '../../../directory/suspending.ts';
import { updateMembership } from '../../../directory/update-membership.ts';
import type { Context } from '../../../operation/operation.ts';
import { permittedTo } from '../../../operation/permitted.ts';
import { membershipTarget, organizationTarget } from '../../../operation/targets.ts';
import { refuse } from '../../../platform/refusals.ts';
import { enrolMember, requireOpen } from '../../enrol-member.ts';
import { type Door, readId, writerOf } from '../connection/door.ts';
import { normaliseResource } from '../patch/habits.ts';
import { cleaned } from '../protocol/fitting.ts';
import type { Json, Resource } from '../protocol/json.ts';
import { scimError } from '../protocol/problem.ts';
import { membershipsNamed } from './identity.ts';
import { keepExternalId, keepUser, requireFreeName } from './store.ts';
import { checkedWish } from './user-fields.ts';
import { readUser } from './user-rows.ts';
import { fieldsChanged, mainOf, wishOf } from './user-state.ts';

/**
 * Makes somebody new (RFC 7644, section 3.3). Whether the address is known elsewhere is not asked and not told (I40): it is
 * a person without a sign-in until they are invited, or one who was never here.
 * @param target the door's own organization, in which the actor may enrol
 */
export async function createUser(context: Context, door: Door, body: Json): Promise<Resource> {
  const sent = cleaned(normaliseResource(body, door.users), door.users);
  const wish = checkedWish(wishOf(sent));
  const { target, enrolling } = await placeOf(context, door, wish.organizationId);
  requireOpen(target, { firstDay: wish.firstDay ?? undefined, lastDay: wish.lastDay ?? undefined });
  await requireFreeName(context, door, wish.userName);
  const { userId, membershipId } = await enrolMember(enrolling, {
    organizationId: target.organizationId,
    displayName: wish.displayName,
    email: mainOf(wish.emails) ?? undefined,
    language: wish.language,
    title: wish.title,
    firstDay: wish.firstDay ?? undefined,
    lastDay: wish.lastDay ?? undefined,
  });
  if (wish.givenName || wish.familyName)
    await sql`update app_user set given_name = ${wish.givenName}, family_name = ${wish.familyName} where id = ${userId}`.execute(
      context.db,
    );
  await keepUser(context.db, membershipId, wish);
  await keepExternalId(context.db, door, membershipId, wish.externalId);
  const made = (await membershipTarget(context.db, membershipId))!;
  const attributes = fieldsChanged(door.fields, {}, sent);
  if (wish.managerId !== null || Object.keys(attributes).length > 0)
    await updateMembership(
      permittedTo(context, made, context.require('membership.update', made, 'user.read')),
      {
        membershipId,
        ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
        ...(wish.managerId === null ? {} : { lineManagerId: await managerIn(context, door, wish.managerId) }),
      },
      writerOf(context),
    );
  if (wish.active === false)
    await suspendMembership(
      permittedTo(context, made, context.require('membership.suspend', made, 'user.read')),
      membershipId,
    );
  return (await readUser(context, door, membershipId, true)).resource;
}

/** @throws Refusal `membership.line-manager`, as for somebody who is not seen */
export async function managerIn({ db }: Context, door: Door, written: string): Promise<string> {
  const id = readId(written);
  const found = id && (await membershipsNamed(db, door.organizationId, [id])).get(id);
  if (!found) throw refuse('membership.line-manager');
  return found;
}

/** Where somebody new belongs: the door's own organization, or one below it that is named. */
async function placeOf(
  context: Context,
  door: Door,
  written: string | undefined,
): Promise<{ target: Target; enrolling: Context }> {
  const own = (await organizationTarget(context.db, door.organizationId))!;
  const id = written === undefined ? door.organizationId : readId(written);
  const named = id === door.organizationId ? own : id && (await organizationTarget(context.db, id));
  // One that is elsewhere, or out of sight, is answered as one that does not exist.
  const seen =
    named &&
    (named === own ||
      (named.path.startsWith(`${door.path}.`) &&
        (['organization.read', 'user.enrol'] as const).some(
          (permission) => context.decide(permission, named).effect === 'permit',
        )));
  if (!seen) throw scimError('scim.invalid-value', 'scim.organization');
  const permit = context.require('user.enrol', named, 'organization.read');
  return { target: named, enrolling: permittedTo(context, named, permit) };
}
