import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { writtenName } from '../../platform/names.ts';
import { attributeValue, day, membershipId } from '../fields.ts';
import { updateMembership } from '../update-membership.ts';

export const membershipUpdate = operation({
  name: 'membership.update',
  summary: 'Change somebody’s title, line manager, dates or other fields.',
  http: 'PATCH /memberships/{membershipId}',
  input: z.object({
    membershipId,
    title: writtenName.optional(),
    lineManagerId: z.uuid().nullable().optional().describe('The line manager’s membership; null for none.'),
    firstDay: day.nullable().optional(),
    lastDay: day.nullable().optional().describe('To let somebody leave at once, end the membership instead.'),
    attributes: z
      .record(z.string().max(40), attributeValue)
      .optional()
      .describe('Values by key; null removes one, absent ones stay.'),
  }),
  output: z.object({ membershipId: z.uuid(), version: z.number().int() }),
  needs: {
    permission: 'membership.update',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  // An earlier last day takes the last manager away as surely as an ending does (I38).
  effect: 'ending',
  events: ['membership.updated'],
  run: updateMembership,
});
