import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { countPeople } from '../people.ts';
import { peopleFilter, peopleFilterInput } from '../people-filter.ts';

export const userCount = operation({
  name: 'user.count',
  summary: 'Count people by the same filters as the list.',
  http: 'GET /users/count',
  input: z.object(peopleFilterInput),
  output: z.object({ count: z.number().int() }),
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => ({
    count: await countPeople(context.db, await peopleFilter(context, input), context.at),
  }),
});
