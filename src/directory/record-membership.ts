import type { Change, Context } from '../operation/operation.ts';
import { type MembershipRow, membershipState } from './store.ts';

/** Records what a membership became, as every way of changing one does. */
export function recordMembership(
  context: Context,
  before: MembershipRow,
  after: MembershipRow,
  more: Partial<Pick<Change, 'type' | 'because' | 'personal'>> = {},
): void {
  context.record({
    type: 'membership.updated',
    targetKind: 'membership',
    targetId: after.id,
    organizationId: after.organizationId,
    path: after.path,
    subjectId: after.userId,
    before: membershipState(before),
    after: membershipState(after),
    ...more,
  });
}
