import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { calendarOf } from '../calendar.ts';
import { keep } from '../course.ts';
import { recordRequest } from '../decision.ts';
import { paused } from '../progress.ts';
import { progressOf } from '../store.ts';
import { say, takingPart, words } from '../talk.ts';
import { requestView, viewOf } from '../view.ts';

export const requestQuestion = operation({
  name: 'request.question',
  summary: 'Ask back whoever asked; the time to decide stands still until they answer, within bounds.',
  http: 'POST /requests/{requestId}/question',
  input: z.object({ requestId: z.uuid(), words }),
  output: requestView,
  needs: 'self',
  effect: 'changing',
  events: ['request.questioned'],
  run: async (context, { requestId, words: text }) => {
    const { db, at } = context;
    const { row, decides } = await takingPart(context, requestId);
    if (!decides) throw refuse('request.own');
    await say(context, row, 'question', text);
    // Time that is used up does not stand still any more: it may be asked, and is due all the same (ruling 8).
    const stands = row.pausedAt !== null || row.pauseLeft === 0;
    const progress = stands ? progressOf(row) : paused(progressOf(row), at);
    const after = await keep(context, row, progress, await calendarOf(db, row.path));
    recordRequest(context, 'request.questioned', row, after, []);
    return viewOf(after, context.facts);
  },
});
