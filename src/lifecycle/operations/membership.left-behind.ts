import { z } from 'zod';
import { membershipId } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { behindSeen, lookBehind } from '../look-behind.ts';

export const membershipLeftBehind = operation({
  name: 'membership.left-behind',
  summary: 'Show what somebody leaves or has left behind, and what of it a successor would get.',
  http: 'GET /memberships/{membershipId}/left-behind',
  input: z.object({
    membershipId,
    successorId: z
      .uuid()
      .optional()
      .describe('Show what would go to this membership if it were handed over now.'),
  }),
  output: behindSeen,
  needs: {
    permission: 'membership.end',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: (context, { membershipId, successorId }) => lookBehind(context, membershipId, successorId),
});
