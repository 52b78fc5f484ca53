import { z } from 'zod';
import { permissionNames } from '../../authority/permissions.ts';
import { operation } from '../../operation/operation.ts';
import { explain } from '../explain.ts';
import { delegationView } from '../view.ts';

export const decisionExplain = operation({
  name: 'decision.explain',
  summary: 'Why may I do this here, or why not',
  http: 'GET /why',
  input: z.object({
    permission: z.enum(permissionNames),
    organizationId: z.uuid().optional().describe('Where; absent: in my own organization.'),
    membershipId: z.uuid().optional().describe('To whom.'),
    entitlementId: z.uuid().optional().describe('With which access.'),
  }),
  output: z.object({
    effect: z.enum(['permit', 'deny']),
    sentence: z.string(),
    because: z.array(delegationView).describe('The chain that gives it, as far as you may see it.'),
    askFrom: z
      .array(z.object({ name: z.string() }))
      .describe('Who could give it: people you can see, or "a level above".'),
  }),
  needs: 'self',
  effect: 'reading',
  run: explain,
});
