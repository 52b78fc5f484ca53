import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { memberState } from '../fields.ts';
import { listPeople, type PeopleSort, peopleSorts } from '../people.ts';
import { peopleFilter, peopleFilterInput } from '../people-filter.ts';

const sorts = peopleSorts.flatMap((by) => [by, `-${by}` as const]) as [PeopleSort, ...PeopleSort[]];

export const userList = operation({
  name: 'user.list',
  summary: 'List people: search, filter and sort within what you look after.',
  http: 'GET /users',
  input: z.object({
    ...peopleFilterInput,
    sort: z.enum(sorts).default('name').describe('What to sort by; a minus in front turns it round.'),
    ...pageInput,
  }),
  output: pageOf(
    z.object({
      membershipId: z.uuid(),
      userId: z.uuid(),
      displayName: z.string(),
      userName: z.string().nullable(),
      email: z.string().nullable(),
      organizationId: z.uuid(),
      organizationName: z.string(),
      title: z.string(),
      state: memberState,
      firstDay: z.string().nullable(),
      lastDay: z.string().nullable(),
      isManager: z.boolean(),
    }),
  ),
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) =>
    listPeople(context.db, await peopleFilter(context, input), { ...input, at: context.at }),
});
