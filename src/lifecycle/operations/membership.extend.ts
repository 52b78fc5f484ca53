import { z } from 'zod';
import { spanOf } from '../../directory/days.ts';
import { day, membershipId } from '../../directory/fields.ts';
import { lockMembership, readable, readOrganization } from '../../directory/store.ts';
import { updateMembership } from '../../directory/update-membership.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';

export const membershipExtend = operation({
  name: 'membership.extend',
  summary: 'Give somebody a later last day, or none; what they have goes on without a gap.',
  http: 'POST /memberships/{membershipId}/extension',
  input: z.object({
    membershipId,
    lastDay: day.nullable().describe('Later than the one now; null for none.'),
  }),
  output: z.object({
    membershipId: z.uuid(),
    lastDay: z.string().nullable(),
    version: z.number().int(),
  }),
  needs: {
    permission: 'membership.update',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  // Nothing is taken from anybody, so that it waits for nobody: not for the lock of endings (law 4).
  effect: 'changing',
  events: ['membership.updated'],
  run: async (context, { membershipId: id, lastDay }) => {
    const before = await lockMembership(context.db, id);
    const { timeZone } = (await readOrganization(context.db, before.organizationId))!;
    const later = readable(spanOf(null, lastDay, timeZone).endsAt) > before.endsAt;
    if (before.state !== 'ended' && before.endsAt > context.at && !later) throw refuse('last-day.not-later');
    return { ...(await updateMembership(context, { membershipId: id, lastDay })), lastDay };
  },
});
