import { z } from 'zod';
import { day, membershipId, organizationId } from '../../directory/fields.ts';
import { moveMember, movingEvents } from '../../enrolment/move-member.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { writtenName } from '../../platform/names.ts';

export const membershipMove = operation({
  name: 'membership.move',
  summary: 'Move a person to another organization: they leave here and join there at one instant.',
  http: 'POST /memberships/{membershipId}/move',
  input: z.object({
    membershipId,
    organizationId: organizationId.describe('Where they go.'),
    title: writtenName.optional().describe('Their title there; the same as here when absent.'),
    lineManagerId: z
      .uuid()
      .optional()
      .describe('The membership of their line manager there; none when absent.'),
    lastDay: day.optional().describe('Their last day there; the same as here when absent.'),
  }),
  output: z.object({
    membershipId: z.uuid().describe('The new one.'),
    endedMembershipId: z.uuid(),
    lastDay: z.string().nullable(),
    ended: z.object({
      assignments: z.number().int().describe('Access that ended with the place they left.'),
      requests: z.number().int(),
      delegations: z.number().int().describe('What they managed through it, which nobody acts under now.'),
    }),
    version: z.number().int(),
  }),
  needs: {
    permission: 'membership.end',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: movingEvents,
  run: async (context, input) => {
    const { before, after, ended } = await moveMember(context, input);
    return {
      membershipId: after.id,
      endedMembershipId: before.id,
      lastDay: after.lastDay,
      ended,
      version: after.version,
    };
  },
});
