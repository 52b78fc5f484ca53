import { z } from 'zod';
import { endMembership } from '../../directory/end-membership.ts';
import { day, membershipId } from '../../directory/fields.ts';
import { keyEvents } from '../../directory/keys.ts';
import { endingEvents } from '../../directory/leaving.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { leftBehind } from '../behind.ts';
import { carryOut, nameSuccessor } from '../succession.ts';
import { takeOverEvents } from '../take-over.ts';

export const membershipEnd = operation({
  name: 'membership.end',
  summary: 'Record that somebody leaves, at once or at the end of a day.',
  http: 'POST /memberships/{membershipId}/end',
  input: z.object({
    membershipId,
    lastDay: day.optional().describe('Their last day; at once when absent or past.'),
    successorId: z
      .uuid()
      .optional()
      .describe(
        'The membership of whoever takes over what they managed and approved, as far as you could give it yourself; when they leave.',
      ),
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
    behind: leftBehind
      .nullable()
      .describe('What went to the successor and what stays vacant; null where nobody follows them yet.'),
  }),
  needs: {
    permission: 'membership.end',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: [
    ...new Set([
      ...endingEvents,
      ...keyEvents,
      ...takeOverEvents,
      'succession.named' as const,
      'succession.handed-over' as const,
    ]),
  ],
  run: async (context, { successorId, ...input }) => {
    if (successorId !== undefined) await nameSuccessor(context, input.membershipId, successorId);
    const left = await endMembership(context, input);
    const behind = left.state === 'ended' ? await carryOut(context, left.membershipId) : undefined;
    return { ...left, behind: behind ?? null };
  },
});
