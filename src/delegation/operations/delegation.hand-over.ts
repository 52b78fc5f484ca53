import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { handOver } from '../hand-over.ts';
import { delegationTarget } from '../store.ts';

export const delegationHandOver = operation({
  name: 'delegation.hand-over',
  summary: 'Give what a leaver passed on to a successor, who answers for it from now on',
  http: 'POST /delegations/{delegationId}/hand-over',
  input: z.object({
    delegationId: z.uuid().describe('The vacant delegation'),
    membershipId: z.uuid().describe('The successor: somebody who holds as much, or to whom you can give it.'),
  }),
  output: z.object({
    delegationId: z.string().describe('The link that takes its place.'),
    moved: z.number().int(),
    created: z.boolean(),
  }),
  needs: {
    permission: 'delegation.create',
    target: (db, input) => delegationTarget(db, input.delegationId),
    visibleBy: 'delegation.read',
  },
  // Exclusive: chains below are rewritten, and nobody may hang a link below them meanwhile.
  effect: 'ending',
  previews: true,
  events: ['delegation.created', 'delegation.handed-over', 'delegation.moved'],
  run: handOver,
});
