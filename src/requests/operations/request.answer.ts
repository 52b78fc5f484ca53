import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { calendarOf } from '../calendar.ts';
import { keep } from '../course.ts';
import { recordRequest } from '../decision.ts';
import { unpaused } from '../progress.ts';
import { progressOf } from '../store.ts';
import { say, takingPart, words } from '../talk.ts';
import { requestView, viewOf } from '../view.ts';

export const requestAnswer = operation({
  name: 'request.answer',
  summary: 'Answer what you were asked about your request; it goes on.',
  http: 'POST /requests/{requestId}/answer',
  input: z.object({ requestId: z.uuid(), words }),
  output: requestView,
  needs: 'self',
  effect: 'changing',
  events: ['request.answered'],
  run: async (context, { requestId, words: text }) => {
    const { db, at } = context;
    const { row, concerned } = await takingPart(context, requestId);
    if (!concerned) throw refuse('not-found');
    await say(context, row, 'answer', text);
    const after = await keep(context, row, unpaused(progressOf(row), at), await calendarOf(db, row.path));
    recordRequest(context, 'request.answered', row, after, []);
    return viewOf(after, context.facts);
  },
});
