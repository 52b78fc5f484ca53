import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { decideEvents, decideOne } from '../decide-one.ts';
import { requestView, viewOf } from '../view.ts';

export const requestDecide = operation({
  name: 'request.decide',
  summary: 'Approve or refuse what somebody asks for.',
  http: 'POST /requests/{requestId}/decision',
  input: z.object({
    requestId: z.uuid(),
    approve: z.boolean(),
    note: z.string().trim().max(1000).default('').describe('What whoever asked will read.'),
  }),
  output: requestView.extend({
    undoUntil: z.string().describe('Until then `request.undo` takes the decision back.'),
  }),
  needs: 'self',
  effect: 'changing',
  events: decideEvents,
  run: async (context, input) => {
    const { row, undoUntil, changed } = await decideOne(context, input);
    if (!changed) context.nothingChanged();
    return { ...viewOf(row, context.facts), undoUntil: undoUntil.toISOString() };
  },
});
