import { isSelf } from '../authority/self.ts';
import { requireMayLift } from '../operation/lifted.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { requireOtherManagers } from './last-manager.ts';
import { recordMembership } from './record-membership.ts';
import { changeMembership, lockMembership } from './store.ts';

/**
 * Suspends a membership, which is the target that the actor was permitted on; whether a person or a feed says so, it is
 * one act (I10). Takes power away: it needs the lock of an ending.
 * @throws Refusal `user.self`, `membership.ended`, or of the last manager's
 */
export async function suspendMembership(
  context: Context,
  membershipId: string,
): Promise<{ membershipId: string; state: 'suspended'; version: number }> {
  const before = await lockMembership(context.db, membershipId);
  if (isSelf(context.facts, before.userId)) throw refuse('user.self');
  if (before.state === 'ended' || before.endsAt <= context.at) throw refuse('membership.ended');
  context.checkVersion(before.version);
  const result = { membershipId: before.id, state: 'suspended' as const };
  if (before.state === 'suspended') {
    context.nothingChanged();
    return { ...result, version: before.version };
  }
  await requireOtherManagers(context, [before.id]);
  const after = { ...before, state: 'suspended' as const, version: before.version + 1 };
  await changeMembership(context.db, after);
  recordMembership(context, before, after, { type: 'membership.suspended' });
  return { ...result, version: after.version };
}

/**
 * Only suspension resumes; endings are final (ruling 3). Bounded by the organization's ceiling at use, as before.
 * @throws Refusal `user.self`, `membership.ended`, `lift.from-above`
 */
export async function resumeMembership(
  context: Context,
  membershipId: string,
): Promise<{ membershipId: string; state: 'active'; version: number }> {
  const before = await lockMembership(context.db, membershipId);
  if (isSelf(context.facts, before.userId)) throw refuse('user.self');
  if (before.state === 'ended' || before.endsAt <= context.at) throw refuse('membership.ended');
  context.checkVersion(before.version);
  const result = { membershipId: before.id, state: 'active' as const };
  if (before.state === 'active') {
    context.nothingChanged();
    return { ...result, version: before.version };
  }
  await requireMayLift(context, before.id, 'membership.suspended', context.permit.because);
  const after = { ...before, state: 'active' as const, version: before.version + 1 };
  await changeMembership(context.db, after);
  recordMembership(context, before, after, { type: 'membership.resumed' });
  return { ...result, version: after.version };
}
