import { sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../authority/reach.ts';
import type { Context } from '../operation/operation.ts';
import { saying } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import { flag, memberState, organizationId, search } from './fields.ts';
import type { PeopleFilter } from './people.ts';
import { type AskedOfField, fieldFilter } from './people-fields.ts';

const bound = z
  .string()
  .max(40)
  .regex(/^(-?\d+(\.\d+)?|\d{4}-\d\d-\d\d)$/, saying('number-or-day'));

/** What the list of people and its count filter by. */
export const peopleFilterInput = {
  organizationId: organizationId.optional().describe('Only people of this organization and those below it.'),
  below: flag.default(true).describe('With organizationId: also those below it.'),
  search: search.describe('Words of a name, or the beginning of an address or user name.'),
  status: memberState.optional().describe('How they stand; everybody who has not left when absent.'),
  entitlementId: z.uuid().optional().describe('Only people to whom this access was given.'),
  field: z
    .string()
    .max(40)
    .optional()
    .describe('Only people with something in this field, as far as you see it.'),
  value: z.string().max(1000).optional().describe('With `field`: only those with exactly this in it.'),
  contains: z
    .string()
    .max(200)
    .optional()
    .describe('With `field`: only those with this somewhere in it, in capitals or not.'),
  atLeast: bound
    .optional()
    .describe('With `field`: only those with this number or day (YYYY-MM-DD) in it, or a later one.'),
  atMost: bound
    .optional()
    .describe('With `field`: only those with this number or day (YYYY-MM-DD) in it, or an earlier one.'),
};

type Input = AskedOfField & {
  organizationId?: string | undefined;
  below: boolean;
  search?: string | undefined;
  status?: PeopleFilter['status'];
  entitlementId?: string | undefined;
  field?: string | undefined;
};

/**
 * The filter within the actor's reach. An organization out of reach is answered as an absent one: an empty page
 * would not do, because one *above* the reach would then show people where an absent one shows none.
 */
export async function peopleFilter(context: Context, input: Input): Promise<PeopleFilter> {
  const reach = context.reach('user.read');
  const filter: PeopleFilter = { reach, search: input.search, status: input.status };
  if (input.entitlementId)
    filter.given = { entitlementId: input.entitlementId, reach: context.reach('access.read') };
  if (input.field !== undefined) filter.field = fieldFilter(context, input.field, input);
  if (!input.organizationId) return filter;
  const { rows } = await sql<{ path: string }>`
    select o.path from organization o where o.id = ${input.organizationId}
      and (${inReach(reach, sql`o.path`)} or ${inReach(context.reach('organization.read'), sql`o.path`)})`.execute(
    context.db,
  );
  if (!rows[0]) throw refuse('not-found');
  filter.place = { id: input.organizationId, path: rows[0].path, below: input.below };
  return filter;
}
