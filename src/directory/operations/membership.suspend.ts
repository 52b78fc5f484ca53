import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { membershipId } from '../fields.ts';
import { suspendMembership } from '../suspending.ts';

export const membershipSuspend = operation({
  name: 'membership.suspend',
  summary: 'Suspend somebody: they keep what they have and can use none of it, until let back in.',
  http: 'POST /memberships/{membershipId}/suspend',
  input: z.object({ membershipId }),
  output: z.object({ membershipId: z.uuid(), state: z.literal('suspended'), version: z.number().int() }),
  needs: {
    permission: 'membership.suspend',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: ['membership.suspended'],
  run: (context, { membershipId }) => suspendMembership(context, membershipId),
});
