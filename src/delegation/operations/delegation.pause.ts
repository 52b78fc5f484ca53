import { operation } from '../../operation/operation.ts';
import { changeLink, linkInput } from '../change-link.ts';
import { delegationTarget } from '../store.ts';
import { delegationView, viewDelegations } from '../view.ts';

export const delegationPause = operation({
  name: 'delegation.pause',
  summary: 'Pause a delegation and everything below it',
  http: 'POST /delegations/{delegationId}/pause',
  input: linkInput,
  output: delegationView,
  needs: {
    permission: 'delegation.end',
    target: (db, input) => delegationTarget(db, input.delegationId),
    visibleBy: 'delegation.read',
  },
  effect: 'ending',
  previews: true,
  events: ['delegation.paused'],
  run: async (context, input) => {
    await changeLink(context, input, 'delegation.paused', async () => ({ state: 'paused' }));
    return (await viewDelegations(context.db, context.facts, [input.delegationId]))[0]!;
  },
});
