import { operation } from '../../operation/operation.ts';
import { changeLink, linkInput } from '../change-link.ts';
import { delegationTarget } from '../store.ts';
import { delegationView, viewDelegations } from '../view.ts';

export const delegationEnd = operation({
  name: 'delegation.end',
  summary: 'End a delegation; everything below it stops at the next request',
  http: 'POST /delegations/{delegationId}/end',
  input: linkInput,
  output: delegationView,
  needs: {
    permission: 'delegation.end',
    target: (db, input) => delegationTarget(db, input.delegationId),
    visibleBy: 'delegation.read',
  },
  effect: 'ending',
  previews: true,
  events: ['delegation.ended'],
  run: async (context, input) => {
    await changeLink(context, input, 'delegation.ended', async () => ({
      state: 'ended',
      ended: true,
    }));
    return (await viewDelegations(context.db, context.facts, [input.delegationId]))[0]!;
  },
});
