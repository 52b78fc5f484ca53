import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { membershipId } from '../fields.ts';
import { resumeMembership } from '../suspending.ts';

export const membershipResume = operation({
  name: 'membership.resume',
  summary: 'Let somebody who was suspended back in.',
  http: 'POST /memberships/{membershipId}/resume',
  input: z.object({ membershipId }),
  output: z.object({ membershipId: z.uuid(), state: z.literal('active'), version: z.number().int() }),
  needs: {
    permission: 'membership.suspend',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'changing',
  previews: true,
  events: ['membership.resumed'],
  run: (context, { membershipId }) => resumeMembership(context, membershipId),
});
