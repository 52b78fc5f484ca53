import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { endMembership } from '../end-membership.ts';
import { day, membershipId } from '../fields.ts';
import { keyEvents } from '../keys.ts';
import { endingEvents } from '../leaving.ts';

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
  run: (context, input) => endMembership(context, input),
});
