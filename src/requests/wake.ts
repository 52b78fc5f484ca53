import { z } from 'zod';
import { giveEvents } from '../access/give.ts';
import { operation } from '../operation/operation.ts';
import { run, type Services } from '../operation/pipeline.ts';
import { calendarOf } from './calendar.ts';
import { courseEvents, endByTime, finish, goOn, keep } from './course.ts';
import { recordRequest } from './decision.ts';
import { woken } from './progress.ts';
import { progressOf, readRequest } from './store.ts';

/**
 * Does to a request what time does to it. Not in the registry: only the instance itself wakes requests. It looks at the
 * world afresh and does nothing when nothing is due, so that being woken twice, late, or for a request that has long
 * been decided harms nothing.
 */
const wakeRequest = operation({
  name: 'request.wake',
  summary: 'Do what is due to a request.',
  http: 'POST /requests/{requestId}/wake',
  input: z.object({ requestId: z.uuid() }),
  output: z.object({ happened: z.array(z.string()) }),
  needs: 'public',
  effect: 'changing',
  events: ['request.reminded', 'request.lapsed', ...courseEvents, ...giveEvents],
  run: async (context, { requestId }) => {
    const { db, at } = context;
    const row = await readRequest(db, requestId, { lock: true });
    if (row?.state !== 'open') {
      context.nothingChanged();
      return { happened: [] };
    }
    const calendar = await calendarOf(db, row.path);
    const { progress, happened, ended } = woken(row.plan, progressOf(row), calendar, at);
    if (happened.length === 0) {
      // Woken for nothing: the job that is due is another one, or the calendar has changed since and it is due later.
      if (row.nextAt! <= at) await keep(context, row, progress, calendar);
      context.nothingChanged();
      return { happened: [] };
    }
    const now = await keep(context, row, progress, calendar);
    for (const { what } of happened) {
      if (what === 'reminder') recordRequest(context, 'request.reminded', row, now, []);
      if (what === 'escalation') recordRequest(context, 'request.escalated', row, now, []);
      if (what === 'pause-over') recordRequest(context, 'request.continued', row, now, []);
    }
    if (ended) {
      const byTime = await context.attempt(() => endByTime(context, now, ended));
      // What cannot be given any more is not given by time either, and waits for nobody.
      const after = byTime.ok ? byTime.value : await finish(context, now, 'refused', undefined);
      recordRequest(context, after.state === 'open' ? 'request.waived' : 'request.lapsed', now, after, []);
    } else {
      // What was approved and cannot be given now waits for its end, or until it can.
      const went = await context.attempt(() => goOn(context, now));
      // Votes that were given before are enough by now, or came to nothing: whoever stood in the way has left.
      if (went.ok && went.value.state !== 'open')
        recordRequest(context, `request.${went.value.state}`, now, went.value, []);
    }
    return { happened: happened.map(({ what }) => what) };
  },
});

export async function wake(services: Services, requestId: string): Promise<string[]> {
  const call = {
    credential: { kind: 'none' },
    input: { requestId },
    requestId: 'wake',
    actAs: 'system',
  } as const;
  return (await run(services, wakeRequest, call)).output.happened;
}
