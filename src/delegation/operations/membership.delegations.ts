import { z } from 'zod';
import { firstDayOut, lastDayOut } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { delegationsOf } from '../person-delegations.ts';
import { delegationView } from '../view.ts';

const deputy = z.object({
  delegationId: z.string(),
  name: z.string().nullable().describe('Null where you do not see them.'),
  from: z.string().nullable(),
  until: z.string().nullable(),
  firstDay: firstDayOut,
  lastDay: lastDayOut,
});

export const membershipDelegations = operation({
  name: 'membership.delegations',
  summary: 'Show what somebody may do, what they gave, and what others passed on from it',
  http: 'GET /memberships/{membershipId}/delegations',
  input: z.object({ membershipId: z.uuid().describe('Yourself, or somebody whose powers you see.') }),
  output: z.object({
    received: z.array(delegationView).describe('What they hold, in person or by where they stand.'),
    given: z.array(delegationView).describe('What they gave to others.'),
    passedOn: z.array(delegationView).describe('What others gave further on from what they hold.'),
    decidesFor: z.array(deputy).describe('For whom they decide for a time.'),
    deputies: z.array(deputy).describe('Who decides for them for a time.'),
    more: z.boolean().describe('There is more than is shown here.'),
  }),
  needs: 'self',
  effect: 'reading',
  run: (context, input) => delegationsOf(context, input.membershipId),
});
