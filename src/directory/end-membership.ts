import { sql } from 'kysely';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import { endOfDay } from './days.ts';
import { endKeysOf } from './keys.ts';
import { isOwner, requireOtherManagers } from './last-manager.ts';
import { endMemberships } from './leaving.ts';
import { recordMembership } from './record-membership.ts';
import { changeMembership, lockMembership, type MembershipRow, readOrganization } from './store.ts';

type Leaving = { membershipId: string; lastDay?: string | undefined; endKeys: boolean };

/**
 * Records that somebody leaves, at once or at the end of a day; the membership is the target that the actor was permitted
 * on, whether a person or a feed says so (I10). Needs the lock of an ending.
 * @throws Refusal of the first thing that stands in the way
 */
export async function endMembership(
  context: Context,
  input: Leaving,
): Promise<Pick<MembershipRow, 'state' | 'lastDay' | 'version'> & { membershipId: string }> {
  const { db, at } = context;
  const before = await lockMembership(db, input.membershipId);
  if (isSelf(context.facts, before.userId)) throw refuse('user.self');
  if (before.state === 'ended' || before.endsAt <= at) throw refuse('membership.ended');
  context.checkVersion(before.version);
  const { timeZone } = (await readOrganization(db, before.organizationId))!;
  const endsAt = input.lastDay === undefined ? undefined : endOfDay(input.lastDay, timeZone);

  if (endsAt === undefined || endsAt <= at) {
    await requireOtherManagers(context, [before.id]);
    if (input.endKeys) await endKeysOf(context, before.id);
    const [ended] = await endMemberships(context, sql<boolean>`m.id = ${before.id}`);
    return { ...ended!, membershipId: before.id };
  }

  if (input.endKeys) throw invalid('endKeys', 'keys-end-at-once');
  if (await isOwner(db, before.id)) throw refuse('membership.owner');
  if (endsAt > before.endsAt || endsAt <= before.startsAt) throw invalid('lastDay', 'last-day-between');
  await requireOtherManagers(context, [before.id], { from: endsAt });
  const after = { ...before, lastDay: input.lastDay!, endsAt, version: before.version + 1 };
  await changeMembership(db, after);
  recordMembership(context, before, after);
  return { ...after, membershipId: after.id };
}
