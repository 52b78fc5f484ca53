import { sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../../authority/reach.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { readReceipt, receiptView } from '../receipt.ts';

export const delegationReceipt = operation({
  name: 'delegation.receipt',
  summary: 'Show everything that ended with a delegation, on one page',
  http: 'GET /delegations/{delegationId}/receipt',
  input: z.object({ delegationId: z.uuid() }),
  output: receiptView,
  // As with the delegation itself: any of its places is reason enough to show it.
  needs: { permission: 'delegation.read', within: 'reach' },
  effect: 'reading',
  run: async (context, { delegationId }) => {
    const reached = inReach(context.reach('delegation.read'), sql`p.path`, sql`d.delegate_user_id`);
    const { rows } = await sql`
      select 1 from delegation d where d.id = ${delegationId} and d.delegate_kind <> 'root'
        and exists (select 1 from unnest(d.place_paths) p (path) where ${reached})`.execute(context.db);
    const receipt = rows.length > 0 ? await readReceipt(context, delegationId) : undefined;
    if (!receipt) throw refuse('not-found');
    return receipt;
  },
});
