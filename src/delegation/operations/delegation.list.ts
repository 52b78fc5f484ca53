import { sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../../authority/reach.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { decodeCursor, pageInput, pageOf, toPage } from '../../platform/paging.ts';
import { delegationView, viewDelegations } from '../view.ts';

export const delegationList = operation({
  name: 'delegation.list',
  summary: 'List who may do what in an organization, and what it may hand out',
  http: 'GET /organizations/{organizationId}/delegations',
  input: z.object({
    organizationId: z.uuid(),
    below: z.boolean().default(false).describe('Those of organizations below, too.'),
    delegate: z.enum(['any', 'user', 'organization', 'client']).default('any'),
    ended: z.boolean().default(false).describe('Ended ones, too.'),
    ...pageInput,
  }),
  output: pageOf(delegationView),
  needs: {
    permission: 'delegation.read',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, input) => {
    const after = decodeCursor(input.cursor, ['uuid']);
    const { path } = context.target;
    const reached = inReach(context.reach('delegation.read'), sql`p.path`, sql`d.delegate_user_id`);
    const { rows } = await sql<{ id: string }>`
      select d.id from delegation d
      where d.delegate_kind <> 'root' and d.kind = 'administer'
        ${input.below ? sql`` : sql`and d.place_paths @> array[${path}]`}
        and exists (select 1 from unnest(d.place_paths) p (path)
          where ${input.below ? sql`p.path >= ${path} and p.path < ${`${path}/`}` : sql`p.path = ${path}`} and ${reached})
        ${input.delegate === 'any' ? sql`` : sql`and d.delegate_kind = ${input.delegate}`}
        ${input.ended ? sql`` : sql`and d.state <> 'ended'`}
        ${after ? sql`and d.id > ${after[0]}` : sql``}
      order by d.id limit ${input.limit + 1}`.execute(context.db);
    const page = toPage(rows, input.limit, (row) => [row.id]);
    return {
      ...page,
      items: await viewDelegations(
        context.db,
        context.facts,
        page.items.map(({ id }) => id),
      ),
    };
  },
});
