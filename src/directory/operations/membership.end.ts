import { sql } from 'kysely';
import { z } from 'zod';
import { isSelf } from '../../authority/self.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { endOfDay } from '../days.ts';
import { day, membershipId } from '../fields.ts';
import { endKeysOf, keyEvents } from '../keys.ts';
import { isOwner, requireOtherManagers } from '../last-manager.ts';
import { endingEvents, endMemberships } from '../leaving.ts';
import { recordMembership } from '../record-membership.ts';
import { changeMembership, lockMembership, readOrganization } from '../store.ts';

export const membershipEnd = operation({
  name: 'membership.end',
  summary: 'Record that somebody leaves, at once or at the end of a day.',
  http: 'POST /memberships/{membershipId}/end',
  input: z.object({
    membershipId,
    lastDay: day.optional().describe('Their last day; at once when absent or past.'),
    endKeys: z
      .boolean()
      .default(false)
      .describe('Also end the API keys that they made and that you may end; only when they leave at once.'),
  }),
  output: z.object({
    membershipId: z.uuid(),
    state: z.enum(['active', 'suspended', 'ended']),
    lastDay: z.string().nullable(),
    version: z.number().int(),
  }),
  needs: {
    permission: 'membership.end',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: [...endingEvents, ...keyEvents, 'membership.updated'],
  run: async (context, input) => {
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
  },
});
