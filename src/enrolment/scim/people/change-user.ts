import { isDeepStrictEqual } from 'node:util';
import type { Target } from '../../../authority/delegation.ts';
import { spanOf } from '../../../directory/days.ts';
import { recordMembership } from '../../../directory/record-membership.ts';
import {
  changeMembership,
  lockMembership,
  type MembershipRow,
  readable,
  readOrganization,
} from '../../../directory/store.ts';
import { resumeMembership, suspendMembership } from '../../../directory/suspending.ts';
import { type MembershipChange, updateMembership } from '../../../directory/update-membership.ts';
import type { Context } from '../../../operation/operation.ts';
import { permittedTo } from '../../../operation/permitted.ts';
import { type Door, readId, writerOf } from '../connection/door.ts';
import type { Resource } from '../protocol/json.ts';
import { versionOf } from '../protocol/tag.ts';
import { changeAccount } from './account.ts';
import { managerIn } from './create-user.ts';
import { moveUser } from './move-user.ts';
import { keepExternalId, keepUser, requireFreeName } from './store.ts';
import { checkedWish } from './user-fields.ts';
import { readUser, type UserRow } from './user-rows.ts';
import { fieldsChanged, type Wish, wishOf } from './user-state.ts';

/**
 * Changes somebody to what a PUT or PATCH makes of them, each part by the act that a person would do it by (I10). Nothing
 * is written where everything stands so already (RFC 7644, section 3.5.2.1).
 * @param whole permitted to `membership.update` this membership
 * @param next what is to be, from what is; may refuse
 */
export async function changeUser(
  whole: Context,
  door: Door,
  membershipId: string,
  next: (before: Resource) => Resource,
): Promise<Resource> {
  const { context, changed } = counting(whole);
  await lockMembership(context.db, membershipId);
  const { row, resource: before } = await readUser(context, door, membershipId);
  context.checkVersion(versionOf(before));
  const after = next(before);
  const was = wishOf(before);
  const wish = checkedWish(wishOf(after, before));
  const fields = fieldsChanged(door.fields, before, after);
  if (wish.userName.toLowerCase() !== was.userName.toLowerCase())
    await requireFreeName(context, door, wish.userName, membershipId);
  const { target, permit } = context;
  const stays = wish.organizationId === undefined || readId(wish.organizationId) === was.organizationId;
  const here = stays
    ? { act: permittedTo(context, target, permit), membershipId, row, was }
    : await moveUser(context, door, membershipId, { was, wish });
  await become(context, door, here, wish, fields);
  context.nothingChanged();
  return (await readUser(context, door, here.membershipId, changed())).resource;
}

/** Somebody where they are, or have just come, and how they stand there. */
export type Here = { act: Context; membershipId: string; row: UserRow; was: Wish };

async function become(
  context: Context,
  door: Door,
  { act, membershipId, row, was }: Here,
  wish: Wish,
  fields: MembershipChange['attributes'] & object,
): Promise<void> {
  const membership = await lockMembership(context.db, membershipId);
  const change = await changeOf(context, door, was, wish, fields);
  await announce(context, membership, was, wish, change);
  if (Object.keys(change).length > 0)
    await updateMembership(act, { membershipId, ...change }, writerOf(context));
  if (wish.active !== undefined && wish.active !== was.active)
    await changeActive(context, act.target, wish.active);
  await changeAccount(act, row, wish, was);
  await keepNames(act, door, membershipId, wish, was);
}

/** The same call, which knows whether anything was recorded. */
function counting(whole: Context): { context: Context; changed: () => boolean } {
  let count = 0;
  const record: Context['record'] = (change) => {
    count += 1;
    whole.record(change);
  };
  return { context: Object.create(whole, { record: { value: record } }), changed: () => count > 0 };
}

/** What of the membership differs. */
async function changeOf(
  context: Context,
  door: Door,
  was: Wish,
  wish: Wish,
  attributes: MembershipChange['attributes'] & object,
): Promise<Omit<MembershipChange, 'membershipId'>> {
  return {
    ...(wish.title === was.title ? {} : { title: wish.title }),
    ...(wish.managerId === was.managerId
      ? {}
      : { lineManagerId: wish.managerId === null ? null : await managerIn(context, door, wish.managerId) }),
    ...(wish.firstDay === was.firstDay ? {} : { firstDay: wish.firstDay }),
    ...(wish.lastDay === was.lastDay ? {} : { lastDay: wish.lastDay }),
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
  };
}

/** A suspension, an earlier last day, and another line manager take something away (law 4); a new title takes nobody's power. */
async function announce(
  context: Context,
  membership: MembershipRow,
  was: Wish,
  wish: Wish,
  change: Omit<MembershipChange, 'membershipId'>,
): Promise<void> {
  const suspends = wish.active === false && was.active !== false;
  const otherManager = change.lineManagerId !== undefined && membership.lineManagerId !== null;
  if (suspends || otherManager || (await shortens(context, membership, change))) context.takeAway();
}

async function shortens(
  context: Context,
  { organizationId, ...membership }: MembershipRow,
  { firstDay = membership.firstDay, lastDay = membership.lastDay }: Partial<MembershipChange>,
): Promise<boolean> {
  if (firstDay === membership.firstDay && lastDay === membership.lastDay) return false;
  const { timeZone } = (await readOrganization(context.db, organizationId))!;
  const span = spanOf(firstDay, lastDay, timeZone);
  return readable(span.endsAt) < membership.endsAt || readable(span.startsAt) > membership.startsAt;
}

/** Here, and nowhere else that the person belongs. */
async function changeActive(context: Context, target: Target, active: boolean): Promise<void> {
  const act = permittedTo(context, target, context.require('membership.suspend', target, 'user.read'));
  await (active ? resumeMembership : suspendMembership)(act, target.id!);
}

/** What only feeds know: their name for somebody, addresses beside the account's, and their own id. */
async function keepNames(
  context: Context,
  door: Door,
  membershipId: string,
  wish: Wish,
  was: Wish,
): Promise<void> {
  const own = ({ userName, emails, externalId }: Wish) => ({ userName, emails, externalId });
  if (isDeepStrictEqual(own(wish), own(was))) return;
  await keepUser(context.db, membershipId, wish);
  await keepExternalId(context.db, door, membershipId, wish.externalId);
  const before = await lockMembership(context.db, membershipId);
  const after = { ...before, version: before.version + 1 };
  await changeMembership(context.db, after);
  recordMembership(context, before, after, { personal: { before: own(was), after: own(wish) } });
}
