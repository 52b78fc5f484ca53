import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { run, type Services } from '../../operation/pipeline.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { calendarOf } from '../../requests/calendar.ts';
import { levelEnd, woken } from '../../requests/progress.ts';
import type { Calendar } from '../../requests/working-time.ts';
import { recordTask } from './ask.ts';
import { planOf, progressOf, timesOf } from './plan.ts';
import { isLive, readTasks } from './store.ts';

/** So many are woken by one transaction. */
const together = 50;

const due = sql`${isLive} and k.next_at <= remit_now()`;

/**
 * Does to tasks what time does to them: those who are asked are reminded, then others are asked, too; after the last of
 * them everybody is reminded each time that as much time has passed again. A task never lapses. Not in the registry.
 */
const wakeTasks = operation({
  name: 'task.wake',
  summary: 'Do what is due to tasks.',
  http: 'POST /tasks/wake',
  input: z.object({}),
  output: z.object({ woken: z.number().int() }),
  needs: 'public',
  effect: 'changing',
  events: ['task.reminded', 'task.escalated'],
  run: async (context) => {
    const { db, at } = context;
    const tasks = await readTasks(
      db,
      sql`where ${due} order by k.next_at, k.id limit ${together} for no key update of k skip locked`,
    );
    const calendars = new Map<string, Calendar>();
    let happenedAtAll = false;
    for (const task of tasks) {
      const calendar = calendars.get(task.path) ?? (await calendarOf(db, task.path));
      calendars.set(task.path, calendar);
      const plan = planOf(task.settings);
      const { progress, happened, ended } = woken([plan], progressOf(plan, task), calendar, at);
      const again = ended ? { ...progress, levelAt: at } : progress;
      const stands = ended ? { ...again, doneUntil: levelEnd([plan], again, calendar) } : again;
      const { dueAt, nextAt } = timesOf(plan, stands, calendar);
      await sql`
        update hand_task set level = ${stands.level}, level_at = ${stands.levelAt}, done_until = ${stands.doneUntil},
          due_at = ${ended ? task.dueAt : dueAt}, next_at = ${nextAt} where id = ${task.id}`.execute(db);
      if (happened.length === 0) continue;
      happenedAtAll = true;
      const [after] = await readTasks(db, sql`where k.id = ${task.id}`);
      const escalated = happened.some(({ what }) => what === 'escalation');
      recordTask(context, escalated ? 'task.escalated' : 'task.reminded', task, after!);
    }
    if (!happenedAtAll) context.nothingChanged();
    return { woken: tasks.length };
  },
});

/** Reminds, and asks others, where it is time: once a minute is often enough for working days. */
export async function wakeDueTasks(services: Services): Promise<void> {
  while (await anyDue(services.db)) {
    const call = { credential: { kind: 'none' }, input: {}, requestId: 'sweep', actAs: 'system' } as const;
    if ((await run(services, wakeTasks, call)).output.woken < together) return;
  }
}

// Without a lock, because there is nothing to do nearly every time.
async function anyDue(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql`
    select 1 from hand_task k join account a on a.id = k.account_id join target t on t.id = k.target_id where ${due} limit 1`.execute(
    db,
  );
  return rows.length > 0;
}
