import { sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../../authority/reach.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { delegationView, viewDelegations } from '../view.ts';

export const delegationRead = operation({
  name: 'delegation.read',
  summary: 'Show one delegation: who, what, where, until when, and whether it is in force',
  http: 'GET /delegations/{delegationId}',
  input: z.object({ delegationId: z.uuid() }),
  output: delegationView,
  // Not one target: it can be over several places, and any of them is reason enough to show it.
  needs: { permission: 'delegation.read', within: 'reach' },
  effect: 'reading',
  run: async (context, { delegationId }) => {
    const reached = inReach(context.reach('delegation.read'), sql`p.path`, sql`d.delegate_user_id`);
    const { rows } = await sql`
      select 1 from delegation d where d.id = ${delegationId} and d.kind = 'administer' and d.delegate_kind <> 'root'
        and exists (select 1 from unnest(d.place_paths) p (path) where ${reached})`.execute(context.db);
    if (rows.length === 0) throw refuse('not-found');
    return (await viewDelegations(context.db, context.facts, [delegationId]))[0]!;
  },
});
