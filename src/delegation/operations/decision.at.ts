import { z } from 'zod';
import { permissionNames } from '../../authority/permissions.ts';
import { firstDayOut, lastDayOut } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { instantText } from '../../platform/dates.ts';
import { answerAt } from '../past-answer.ts';

export const decisionAt = operation({
  name: 'decision.at',
  summary: 'Say whether somebody could do something at an instant in the past, and why',
  http: 'POST /decisions/at',
  input: z.object({
    membershipId: z.uuid().describe('Who: yourself, or somebody whose powers you see today.'),
    permission: z
      .enum(permissionNames)
      .optional()
      .describe('What they would have done; absent: whether they had the access `entitlementId`.'),
    organizationId: z.uuid().optional().describe('Where; their own organization when absent.'),
    targetMembershipId: z.uuid().optional().describe('To whom, by their membership.'),
    entitlementId: z.uuid().optional().describe('Which access it would have been about.'),
    at: instantText.describe('When, until now.'),
  }),
  output: z.object({
    effect: z.enum(['permit', 'deny']),
    sentence: z.string(),
    because: z
      .array(
        z.object({
          delegationId: z.string().nullable(),
          who: z.string(),
          givenBy: z.string().nullable(),
          from: z.string().nullable(),
          until: z.string().nullable(),
          firstDay: firstDayOut,
          lastDay: lastDayOut,
        }),
      )
      .describe(
        'The delegations of then, nearest first; those outside your reach today are one "level above".',
      ),
  }),
  needs: 'self',
  effect: 'reading',
  run: answerAt,
});
