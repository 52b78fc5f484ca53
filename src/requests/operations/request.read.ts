import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { decidersOf, whoDecides } from '../deciders.ts';
import { mayDecide } from '../rules.ts';
import { askingOf, readRequest, whoBroughtActors } from '../store.ts';
import { listSaid, said } from '../talk.ts';
import { requestView, viewOf } from '../view.ts';

export const requestRead = operation({
  name: 'request.read',
  summary: 'Show one request, and who can decide it.',
  http: 'GET /requests/{requestId}',
  input: z.object({ requestId: z.uuid() }),
  output: requestView.extend({
    whoDecides: whoDecides.nullable().describe('While it is open.'),
    mayDecide: z.boolean(),
    said: z.array(said).describe('What was said about it, oldest first.'),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context, { requestId }) => {
    const { userId } = context.user();
    const row = await readRequest(context.db, requestId);
    if (!row) throw refuse('not-found');
    const verdict = mayDecide(
      context.facts,
      askingOf(row),
      await whoBroughtActors(context.db, [context.facts]),
    );
    const concerned = row.requesterId === userId || row.userId === userId;
    if (!concerned && !verdict.may) throw refuse('not-found');
    const view = viewOf(row, context.facts);
    const open = view.state === 'open';
    return {
      ...view,
      whoDecides: open ? await decidersOf(context.db, row) : null,
      mayDecide: open && verdict.may,
      said: await listSaid(context.db, row, context.facts),
    };
  },
});
