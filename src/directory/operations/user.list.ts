import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { attributeValue, flag, memberState } from '../fields.ts';
import { listPeople, type PeopleSort, peopleSorts } from '../people.ts';
import { fieldsOf } from '../people-fields.ts';
import { peopleFilter, peopleFilterInput } from '../people-filter.ts';

const sorts = peopleSorts.flatMap((by) => [by, `-${by}` as const]) as [PeopleSort, ...PeopleSort[]];

export const userList = operation({
  name: 'user.list',
  summary: 'List people: search, filter and sort within what you look after.',
  http: 'GET /users',
  input: z.object({
    ...peopleFilterInput,
    sort: z.enum(sorts).default('name').describe('What to sort by; a minus in front turns it round.'),
    fields: flag.default(false).describe('Show what stands in their fields, as far as you see it.'),
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
      attributes: z.record(z.string(), attributeValue).optional().describe('With `fields`: values by key.'),
    }),
  ),
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => {
    const page = await listPeople(context.db, await peopleFilter(context, input), {
      ...input,
      at: context.at,
    });
    if (!input.fields) return page;
    const values = await fieldsOf(
      context,
      page.items.map(({ membershipId }) => membershipId),
    );
    return {
      ...page,
      items: page.items.map((one) => ({ ...one, attributes: values.get(one.membershipId) ?? {} })),
    };
  },
});
