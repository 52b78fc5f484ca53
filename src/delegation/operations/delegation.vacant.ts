import { sql } from 'kysely';
import { z } from 'zod';
import { holders } from '../../authority/holders.ts';
import { isAtOrBelow } from '../../authority/place.ts';
import { inReach } from '../../authority/reach.ts';
import { operation } from '../../operation/operation.ts';
import { seenLink } from '../person-delegations.ts';
import { delegationTarget } from '../store.ts';
import { delegationView, viewDelegations } from '../view.ts';

/** A list for people; somebody with more leavers than this works through it from the top. */
const most = 100;

export const delegationVacant = operation({
  name: 'delegation.vacant',
  summary: 'List delegations whose holder has left, and who could take them over',
  http: 'GET /delegations/vacant',
  input: z.object({ organizationId: z.uuid().optional() }),
  output: z.object({
    items: z.array(
      z.object({
        delegation: delegationView,
        below: z
          .number()
          .int()
          .describe('How many delegations, of those you see, were given from it and still stand.'),
        onlyThey: z.boolean().describe('Nobody else of the organization can manage it now.'),
        successors: z.array(z.object({ membershipId: z.string(), displayName: z.string() })),
      }),
    ),
  }),
  needs: { permission: 'delegation.create', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => {
    const { rows } = await sql<{ id: string; below: number }>`
      select v.id, (select count(*)::int from delegation d where d.parent_id = v.id and d.state <> 'ended' and ${seenLink(context)}) as below
      from delegation v join membership m on m.id = v.delegate_membership_id
      where v.kind = 'administer' and v.state = 'active' and v.ends_at > ${context.at}
        and (m.state = 'ended' or m.ends_at <= ${context.at})
        and ${inReach(context.reach('delegation.create'), sql`v.place_paths[1]`)}
        ${input.organizationId ? sql`and exists (select 1 from organization o where o.id = ${input.organizationId} and o.path = any (v.place_paths))` : sql``}
      order by v.id desc limit ${most}`.execute(context.db);
    const views = await viewDelegations(
      context.db,
      context.facts,
      rows.map(({ id }) => id),
    );
    const items = [];
    for (const delegation of views) {
      const target = await delegationTarget(context.db, delegation.id);
      const able = target
        ? await holders(context.db, 'delegation.create', { ...target, userId: undefined })
        : [];
      const seen = able.filter(
        (holder) =>
          context.decide('user.read', {
            kind: 'user',
            id: holder.userId,
            organizationId: holder.organizationId,
            path: holder.path,
            off: false,
            userId: holder.userId,
          }).effect === 'permit',
      );
      items.push({
        delegation,
        below: rows.find(({ id }) => id === delegation.id)!.below,
        onlyThey: !able.some((holder) => target && isAtOrBelow(holder.path, target.path)),
        successors: seen.map(({ membershipId, displayName }) => ({ membershipId, displayName })),
      });
    }
    return { items };
  },
});
