import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { delegationTarget } from '../store.ts';
import { delegationView, viewDelegations } from '../view.ts';

export const delegationRead = operation({
  name: 'delegation.read',
  summary: 'Show one delegation: who, what, where, until when, and whether it is in force',
  http: 'GET /delegations/{delegationId}',
  input: z.object({ delegationId: z.uuid() }),
  output: delegationView,
  needs: {
    permission: 'delegation.read',
    target: (db, input) => delegationTarget(db, input.delegationId),
    visibleBy: 'delegation.read',
  },
  effect: 'reading',
  run: async (context, input) => (await viewDelegations(context.db, context.facts, [input.delegationId]))[0]!,
});
