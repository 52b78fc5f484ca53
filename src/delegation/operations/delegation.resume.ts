import { sql } from 'kysely';
import { withinManaging } from '../../directory/grants.ts';
import { operation } from '../../operation/operation.ts';
import { changeLink, linkInput } from '../change-link.ts';
import { delegationTarget, managersOn } from '../store.ts';
import { delegationView, viewDelegations } from '../view.ts';

export const delegationResume = operation({
  name: 'delegation.resume',
  summary: 'Put a paused delegation in force again',
  http: 'POST /delegations/{delegationId}/resume',
  input: linkInput,
  output: delegationView,
  needs: {
    permission: 'delegation.end',
    target: (db, input) => delegationTarget(db, input.delegationId),
    visibleBy: 'delegation.read',
  },
  effect: 'changing',
  previews: true,
  events: ['delegation.resumed'],
  run: async (context, input) => {
    const { members, places } = await managersOn(
      context,
      sql`d.id = ${input.delegationId} or d.chain @> array[${input.delegationId}]::uuid[]`,
    );
    await withinManaging(context, members, places, () =>
      changeLink(context, input, 'delegation.resumed', async () => ({ state: 'active' }), {
        lifting: 'delegation.paused',
      }),
    );
    return (await viewDelegations(context.db, context.facts, [input.delegationId]))[0]!;
  },
});
