import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import { definitionsAt } from './attribute-store.ts';
import { applyAttributes, type Writer } from './attributes.ts';
import { spanOf } from './days.ts';
import { requireMayRecord, withinLine } from './grants.ts';
import { isOwner, requireOtherManagers } from './last-manager.ts';
import { requireLineManager } from './line-manager.ts';
import { recordMembership } from './record-membership.ts';
import { changeMembership, lockMembership, type MembershipRow, readable, readOrganization } from './store.ts';
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
    await changeDays(after, input);
    await requireMayLengthen(context, before, after);
    // Later than today it would take from them as a suspension does, and nobody could give it back.
    if (after.startsAt > before.startsAt && before.startsAt <= at && after.startsAt > at)
      throw invalid('firstDay', 'begun-already');
    if (after.endsAt < before.endsAt)
      await requireOtherManagers(context, [before.id], { from: after.endsAt });
  }
  if (input.title !== undefined || input.attributes !== undefined)
    await requireMayRecord(context, before, after);
  const newManagerId = after.lineManagerId !== before.lineManagerId ? after.lineManagerId : null;
  if (newManagerId === null) await changeMembership(db, after);
  else await withinLine(context, before.id, newManagerId, () => changeMembership(db, after));
  const personal = ({ title, attributes }: MembershipRow) => ({ title, attributes });
  recordMembership(context, before, after, {
    personal: { before: personal(before), after: personal(after) },
  });
  return { membershipId: after.id, version: after.version };

  async function changeDays(row: MembershipRow, days: Pick<typeof input, 'firstDay' | 'lastDay'>) {
    const { timeZone } = (await readOrganization(db, row.organizationId))!;
    if (days.firstDay !== undefined) row.firstDay = days.firstDay;
    if (days.lastDay !== undefined) row.lastDay = days.lastDay;
    const span = spanOf(row.firstDay, row.lastDay, timeZone);
    row.startsAt = readable(span.startsAt);
    row.endsAt = readable(span.endsAt);
    if (row.startsAt >= row.endsAt) throw invalid('lastDay', 'last-day-before-first');
    if (row.endsAt <= at) throw invalid('lastDay', 'last-day-past');
    if (row.lastDay !== null && (await isOwner(db, row.id))) throw refuse('membership.owner');
  }
}
