import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { definitionsAt } from './attribute-store.ts';
import { type Attributes, applyAttributes } from './attributes.ts';
import { recordMembership } from './record-membership.ts';
import { changeMembership, lockMembership, type MembershipRow } from './store.ts';

/**
 * What somebody fills in about themselves. No rule reads it (ruling 2), so it gives nobody anything.
 * @returns whether anything changed
 */
export async function fillIn(context: Context, membershipId: string, change: Attributes): Promise<boolean> {
  const { db } = context;
  const before = await lockMembership(db, membershipId);
  const applied = applyAttributes(await definitionsAt(db, before.path), before.attributes, change, 'self');
  if ('problems' in applied)
    throw refuse('input.invalid', { problem: applied.problems.join('; '), field: 'attributes' });
  if (JSON.stringify(applied.values) === JSON.stringify(before.attributes)) return false;
  const after: MembershipRow = { ...before, attributes: applied.values, version: before.version + 1 };
  await changeMembership(db, after);
  const personal = ({ attributes }: MembershipRow) => ({ attributes });
  recordMembership(context, before, after, {
    personal: { before: personal(before), after: personal(after) },
  });
  return true;
}
