import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { countBoth } from '../people.ts';
import { peopleFilter, peopleFilterInput } from '../people-filter.ts';

export const userCount = operation({
  name: 'user.count',
  summary: 'Count people by the same filters as the list.',
  http: 'GET /users/count',
  input: z.object(peopleFilterInput),
  output: z.object({
    count: z
      .number()
      .int()
      .describe('Memberships: whoever belongs to several of the organizations counts in each.'),
    people: z
      .object({ atLeast: z.number().int(), atMost: z.number().int() })
      .describe('How many different people these are; both are the same where that is known.'),
  }),
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => countBoth(context.db, await peopleFilter(context, input), context.at),
});
