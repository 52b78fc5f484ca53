import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { definitionsAt } from './attribute-store.ts';
import { applyAttributes, type Writer } from './attributes.ts';
import { requireMayRecord, withinLines } from './grants.ts';
import { isOwner, requireOtherManagers } from './last-manager.ts';
import { requireLineManager } from './line-manager.ts';
import { withDays } from './membership-days.ts';
import { recordMembership } from './record-membership.ts';
import { changeMembership, lockMembership, type MembershipRow, readOrganization } from './store.ts';
import { requireMayLengthen } from './widening.ts';

/** What changes of a membership; absent fields stay. */
export type MembershipChange = {
  membershipId: string;
  title?: string | undefined;
  lineManagerId?: string | null | undefined;
  firstDay?: string | null | undefined;
  lastDay?: string | null | undefined;
  attributes?: Record<string, string | number | boolean | null> | undefined;
};

/**
 * Changes somebody's membership, which is the target that the actor was permitted on; whoever decides a request for a
 * later last day changes it in the same way. An earlier last day needs the lock of an ending (I38).
 * @param by whose fields may be filled in
 * @throws Refusal of the first thing that stands in the way
 */
export async function updateMembership(
  context: Context,
  input: MembershipChange,
  by: Writer = 'managers',
): Promise<{ membershipId: string; version: number }> {
  const { db, at } = context;
  const before = await lockMembership(db, input.membershipId);
  if (isSelf(context.facts, before.userId)) throw refuse('user.self');
  if (before.state === 'ended' || before.endsAt <= at) throw refuse('membership.ended');
  context.checkVersion(before.version);

  const after: MembershipRow = { ...before, version: before.version + 1 };
  if (input.title !== undefined) after.title = input.title;
  if (input.lineManagerId !== undefined) {
    if (input.lineManagerId !== null) await requireLineManager(context, before, input.lineManagerId);
    after.lineManagerId = input.lineManagerId;
  }
  if (input.attributes !== undefined) {
    const applied = applyAttributes(
      await definitionsAt(db, before.path),
      before.attributes,
      input.attributes,
      by,
    );
    if ('problems' in applied)
      throw refuse('input.invalid', { problem: applied.problems.join('; '), field: 'attributes' });
    after.attributes = applied.values;
  }
  if (input.firstDay !== undefined || input.lastDay !== undefined) {
    const { timeZone } = (await readOrganization(db, before.organizationId))!;
    Object.assign(after, withDays(before, input, timeZone, at));
    if (after.lastDay !== null && (await isOwner(db, before.id))) throw refuse('membership.owner');
    await requireMayLengthen(context, before, after);
    if (after.endsAt < before.endsAt)
      await requireOtherManagers(context, [before.id], { from: after.endsAt });
  }
  if (input.title !== undefined || input.attributes !== undefined)
    await requireMayRecord(context, before, after);
  const newManagerId = after.lineManagerId !== before.lineManagerId ? after.lineManagerId : null;
  if (newManagerId === null) await changeMembership(db, after);
  else {
    const lines = [{ membershipId: before.id, lineManagerId: newManagerId }];
    await withinLines(context, lines, () => changeMembership(db, after));
  }
  const personal = ({ title, attributes }: MembershipRow) => ({ title, attributes });
  recordMembership(context, before, after, {
    personal: { before: personal(before), after: personal(after) },
  });
  return { membershipId: after.id, version: after.version };
}
