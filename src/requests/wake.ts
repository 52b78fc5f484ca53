import { sql } from 'kysely';
import { z } from 'zod';
import { giveEvents } from '../access/give.ts';
import { type Context, operation } from '../operation/operation.ts';
import { run, type Services } from '../operation/pipeline.ts';
import { calendarOf } from './calendar.ts';
import { courseEvents, endByTime, finish, goOn, standingBy } from './course.ts';
import { lookForDeciders } from './deciders.ts';
import { recordRequest } from './decision.ts';
import { type Kept, keepMany, type Standing } from './keeping.ts';
import { type Due, type Woken, woken } from './progress.ts';
import { askingOf, progressOf, type RequestRow, readRequests } from './store.ts';
import { decisionsOfMany, votersOf } from './votes.ts';
import type { Calendar } from './working-time.ts';

/** So many are woken by one transaction: it holds up an ending for the time of all of them. */
const together = 50;

/** Overdue for longer than any job is late, in seconds: it has none. */
const lost = 120;

/**
 * Does to requests what time does to them. Not in the registry: only the instance itself wakes requests. It looks at the
 * world afresh and does nothing when nothing is due, so that being woken twice, late, or for a request that has long
 * been decided harms nothing.
 */
const wakeRequests = operation({
  name: 'request.wake',
  summary: 'Do what is due to requests.',
  http: 'POST /requests/wake',
  input: z.object({ requestIds: z.array(z.uuid()).max(together) }),
  output: z.object({ happened: z.record(z.uuid(), z.array(z.string())) }),
  needs: 'public',
  effect: 'changing',
  events: ['request.reminded', 'request.lapsed', ...courseEvents, ...giveEvents],
  run: async (context, { requestIds }) => {
    const due: (Woken & Kept)[] = [];
    const later: Kept[] = [];
    const calendars = new Map<string, Calendar>();
    for (const row of await lockedAndOpen(context, requestIds)) {
      const calendar = calendars.get(row.path) ?? (await calendarOf(context.db, row.path));
      calendars.set(row.path, calendar);
      const found = woken(row.plan, progressOf(row), calendar, context.at);
      if (found.happened.length > 0) due.push({ ...found, row, calendar });
      // Woken for nothing: the job that is due is another one, or the calendar has changed since and it is due later.
      else if (row.nextAt! <= context.at) later.push({ row, progress: found.progress, calendar });
    }
    const now = (await keepMany(context.db, [...due, ...later])).slice(0, due.length);
    await follow(context, due, now);
    if (due.length === 0) context.nothingChanged();
    return {
      happened: Object.fromEntries(
        due.map(({ row, happened }) => [row.id, happened.map(({ what }) => what)]),
      ),
    };
  },
});

/** In one order always, so that two who wake the same ones wait for each other and never both for ever. */
async function lockedAndOpen({ db }: Context, requestIds: readonly string[]): Promise<RequestRow[]> {
  const { rows } = await sql<{ id: string }>`
    select id from request where id = any (${requestIds}::uuid[]) and state = 'open' order by id for update`.execute(
    db,
  );
  const ids = rows.map(({ id }) => id);
  return await readRequests(db, ids);
}

const eventOf = {
  reminder: 'request.reminded',
  escalation: 'request.escalated',
  'pause-over': 'request.continued',
  end: undefined,
} as const satisfies Record<Due['what'], string | undefined>;

/** Records what happened; ends what has ended, and goes on where others have to be asked, or enough have said yes by now. */
async function follow(
  context: Context,
  due: readonly (Woken & Kept)[],
  now: readonly Standing[],
): Promise<void> {
  for (const [n, { row, happened }] of due.entries())
    for (const { what } of happened)
      if (eventOf[what]) recordRequest(context, eventOf[what], row, now[n]!, []);
  const stuck = await notWaiting(
    context,
    // A reminder changes nothing about who is asked.
    now.filter((_, n) => !due[n]!.ended && due[n]!.happened.some(({ what }) => what !== 'reminder')),
  );
  // From here on one changes what the next is judged by: each looks afresh.
  for (const [n, { ended }] of due.entries())
    if (ended) await lapse(context, now[n]!, ended);
    else if (stuck.has(now[n]!)) await carryOn(context, now[n]!);
}

/** Those that wait for nobody; who may decide is looked up for all of them at once. */
async function notWaiting(context: Context, asked: readonly Standing[]): Promise<Set<Standing>> {
  if (asked.length === 0) return new Set();
  const decisions = await decisionsOfMany(
    context.db,
    asked.map(({ id }) => id),
  );
  const mayDecide = await lookForDeciders(
    context.db,
    asked.map((row) => askingOf(row)),
    votersOf([...decisions.values()].flat()),
  );
  return new Set(asked.filter((row) => standingBy(row, decisions.get(row.id) ?? [], mayDecide) !== 'waits'));
}

async function lapse(context: Context, stands: Standing, atEnd: 'refuse' | 'approve'): Promise<void> {
  const byTime = await context.attempt(() => endByTime(context, stands, atEnd));
  // What cannot be given any more is not given by time either, and waits for nobody.
  const after = byTime.ok ? byTime.value : await finish(context, stands, 'refused', undefined);
  recordRequest(context, after.state === 'open' ? 'request.waived' : 'request.lapsed', stands, after, []);
}

async function carryOn(context: Context, stands: Standing): Promise<void> {
  // What was approved and cannot be given now waits for its end, or until it can.
  const went = await context.attempt(() => goOn(context, stands));
  // Votes that were given before are enough by now, or came to nothing: whoever stood in the way has left.
  if (went.ok && went.value.state !== 'open')
    recordRequest(context, `request.${went.value.state}`, stands, went.value, []);
}

type Happened = Record<string, string[]>;

async function wakeTogether(services: Services, requestIds: readonly string[]): Promise<Happened> {
  const call = {
    credential: { kind: 'none' },
    input: { requestIds },
    requestId: 'wake',
    actAs: 'system',
  } as const;
  return (await run(services, wakeRequests, call)).output.happened;
}

/** Wakes one request; what happened to it. */
export const wake = async (services: Services, requestId: string): Promise<string[]> =>
  (await wakeTogether(services, [requestId]))[requestId] ?? [];

/**
 * Wakes many, some at a time; where that fails, each by itself: one that breaks takes none with it.
 * @param onError told what broke
 * @returns those that broke
 */
export async function wakeMany(
  services: Services,
  requestIds: readonly string[],
  onError: (error: unknown) => void,
): Promise<Set<string>> {
  const broken = new Set<string>();
  const ids = [...new Set(requestIds)].sort();
  for (let at = 0; at < ids.length; at += together) {
    const some = ids.slice(at, at + together);
    await wakeTogether(services, some).catch(async (error: unknown) => {
      onError(error);
      for (const id of some)
        await wake(services, id).catch((fault: unknown) => {
          onError(fault);
          broken.add(id);
        });
    });
  }
  return broken;
}

/**
 * Wakes those whose job is gone: it was tried in vain for days, or somebody emptied the queue. Without it nothing would
 * ever happen to them (I30); with it a job is only how they are woken in time.
 * @returns how many were found
 */
export async function wakeLost(services: Services, onError: (error: unknown) => void): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select id from request where state = 'open' and next_at < remit_now() - make_interval(secs => ${lost})
    order by next_at limit 500`.execute(services.db);
  await wakeMany(
    services,
    rows.map(({ id }) => id),
    onError,
  );
  return rows.length;
}
