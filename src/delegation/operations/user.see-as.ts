import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { seeAs } from '../see-as.ts';

const named = z.object({ id: z.string(), name: z.string() });

export const userSeeAs = operation({
  name: 'user.see-as',
  summary: 'See what somebody sees and may do, where you see it too; they are told',
  http: 'POST /memberships/{membershipId}/see-as',
  input: z.object({ membershipId: z.uuid() }),
  output: z.object({
    displayName: z.string(),
    organizations: z.array(named).describe('Organizations that both of you see.'),
    people: z.array(
      z.object({ membershipId: z.string(), displayName: z.string(), organizationName: z.string() }),
    ),
    mayDo: z
      .array(z.object({ permission: z.string(), words: z.string(), organizations: z.array(named) }))
      .describe('What they may do, with the first places; in your reach only.'),
    more: z.boolean().describe('There are more organizations or people than are shown.'),
  }),
  needs: {
    permission: 'delegation.read',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'changing',
  events: ['user.viewed'],
  run: (context, input) => seeAs(context, input.membershipId),
});
