import { z } from 'zod';
import { reason, until } from '../../access/fields.ts';
import { permissionNames } from '../../authority/permissions.ts';
import { lastDay } from '../../directory/by-day.ts';
import { organizationId } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { invalid } from '../../platform/problems.ts';
import { askEvents, asked, askedView } from '../ask.ts';
import { wantedDelegation } from '../kinds/delegation.ts';

export const delegationAsk = operation({
  name: 'delegation.ask',
  summary: 'Ask to look after an organization until a date: yourself, or somebody you see.',
  http: 'POST /delegation-requests',
  input: z.object({
    membershipId: z.uuid().optional().describe('Who will look after it; yourself when absent.'),
    organizationId: organizationId.describe('Where: an organization that you belong to or see,'),
    below: z.boolean().default(true).describe('and those below it.'),
    adminRoleId: z.uuid().optional().describe('What it lets do: an admin role, or else'),
    permissions: z
      .array(z.enum(permissionNames))
      .max(permissionNames.length)
      .default([])
      .describe('single permissions.'),
    until: until.optional().describe('Until then, or'),
    lastDay: lastDay.optional(),
    reason: reason.default(''),
  }),
  output: askedView,
  needs: 'self',
  effect: 'changing',
  events: askEvents,
  run: async (context, { until: end, lastDay: day, ...input }) => {
    if (!end === !day) throw invalid(undefined, 'one-of', { fields: 'until, lastDay' });
    return asked(
      context,
      await wantedDelegation(context, {
        ...input,
        membershipId: input.membershipId,
        adminRoleId: input.adminRoleId,
        until: end,
        lastDay: day,
      }),
    );
  },
});
