import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, operation } from '../../operation/operation.ts';
import { newId } from '../../platform/ids.ts';
import { calendarOf } from '../../requests/calendar.ts';
import { begun } from '../../requests/progress.ts';
import { planOf, progressOf, timesOf } from './plan.ts';
import { digestOf, givesMore, isSame, type Recorded, shouldBe, type Task, taskFor } from './recorded.ts';
import { readTasks, type TaskRow, taskState } from './store.ts';

const value = z.union([z.string(), z.array(z.string()), z.boolean(), z.null()]);

/**
 * What should be of one account goes in, and out comes what there is to do about it: nothing, a task, or that whoever was
 * asked said no. There is one task at a time: what is wanted now replaces what was wanted before, so that no older
 * creation is ever done after an ending. Not in the registry: only the instance itself asks.
 */
export const askHands = operation({
  name: 'task.ask',
  summary: 'Have people bring an account to what it should be.',
  http: 'POST /tasks',
  input: z.object({
    provisioningTargetId: z.uuid(),
    correlation: z.string().min(1),
    presence: z.enum(['none', 'disabled', 'enabled']),
    values: z.record(z.string(), value),
    roles: z.array(z.string()),
    lookedAfter: z.array(z.string()),
  }),
  output: z.object({ answer: z.enum(['so', 'asked', 'declined']) }),
  needs: 'public',
  effect: 'changing',
  events: ['task.opened', 'task.changed', 'task.withdrawn'],
  run: async (context, { provisioningTargetId, correlation, lookedAfter, ...whole }) => {
    const account = await lockAccount(context, provisioningTargetId, correlation);
    const wanted = shouldBe(whole, account.there, lookedAfter);
    const answer = await answerTo(context, account, wanted);
    if (!answer.changed) context.nothingChanged();
    return { answer: answer.answer };
  },
});

type Locked = {
  id: string;
  targetId: string;
  userId: string;
  attempts: number;
  there: Recorded | null;
  open: TaskRow | undefined;
  /** of what was last refused, while nothing else was closed since */
  refused: string | null;
};

async function lockAccount({ db }: Context, targetId: string, correlation: string): Promise<Locked> {
  const { rows } = await sql<Omit<Locked, 'open' | 'there' | 'refused'>>`
    select id, target_id as "targetId", user_id as "userId", attempts from account
    where target_id = ${targetId} and correlation = ${correlation} for no key update`.execute(db);
  const account = rows[0];
  if (!account) throw new Error('no such account');
  // In statements of their own: what another wrote while this one waited is seen.
  const { rows: beside } = await sql<{ there: Recorded | null; refused: string | null }>`
    select (select jsonb_build_object('enabled', h.enabled, 'fields', h.fields, 'roles', to_jsonb(h.roles))
        from hand_account h where h.account_id = ${account.id}) as there,
      (select case when k.state = 'refused' then k.digest end from hand_task k where k.account_id = ${account.id}
        order by k.id desc limit 1) as refused`.execute(db);
  const [open] = await readTasks(db, sql`where k.account_id = ${account.id} and k.state = 'open'`);
  return { ...account, ...beside[0]!, open };
}

type Answer = { answer: 'so' | 'asked' | 'declined'; changed: boolean };

async function answerTo(context: Context, account: Locked, wanted: Recorded | null): Promise<Answer> {
  const { there, open, refused, attempts } = account;
  if (open) {
    if (isSame(open.wanted, wanted)) return { answer: 'asked', changed: false };
    // Whoever had the task may have done it already, and said nothing yet.
    const maybe = givesMore(open.wanted, there) ? open.wanted : open.maybe;
    if (isSame(there, wanted) && !maybe) {
      await withdraw(context, open);
      return { answer: 'so', changed: true };
    }
    await change(context, open, { what: taskFor(there, wanted), wanted, maybe });
    return { answer: 'asked', changed: true };
  }
  if (isSame(there, wanted)) return { answer: 'so', changed: false };
  // Asked again by hand, or for something else, it is a new task; else what was said stands.
  if (attempts > 0 && refused === digestOf(wanted)) return { answer: 'declined', changed: false };
  await make(context, account, { what: taskFor(there, wanted), wanted });
  return { answer: 'asked', changed: true };
}

async function make(
  context: Context,
  { id: accountId, targetId }: Locked,
  { what, wanted }: { what: Task; wanted: Recorded | null },
): Promise<void> {
  const { db, at } = context;
  const id = newId(at.getTime());
  const times = await beginning(context, targetId);
  await sql`
    insert into hand_task (id, target_id, account_id, what, wanted, digest, level_at, done_until, due_at, next_at)
    values (${id}, ${targetId}, ${accountId}, ${what}, ${JSON.stringify(wanted)}::jsonb, ${digestOf(wanted)}, ${at}, ${at},
      ${times.dueAt}, ${times.nextAt})`.execute(db);
  const [made] = await readTasks(db, sql`where k.id = ${id}`);
  recordTask(context, 'task.opened', undefined, made!);
}

/** It says something else now. Where it is about something else, it has as much time as a new one. */
async function change(
  context: Context,
  before: TaskRow,
  { what, wanted, maybe }: { what: Task; wanted: Recorded | null; maybe: Recorded | null },
): Promise<void> {
  const { db, at } = context;
  const times = what === before.what ? undefined : await beginning(context, before.targetId);
  await sql`
    update hand_task set what = ${what}, wanted = ${JSON.stringify(wanted)}::jsonb, maybe = ${JSON.stringify(maybe)}::jsonb,
      digest = ${digestOf(wanted)}, version = version + 1
      ${times ? sql`, level = 0, level_at = ${at}, done_until = ${at}, due_at = ${times.dueAt}, next_at = ${times.nextAt}` : sql``}
    where id = ${before.id}`.execute(db);
  const [after] = await readTasks(db, sql`where k.id = ${before.id}`);
  recordTask(context, 'task.changed', before, after!);
}

/** There is nothing to do any more, and nothing that somebody might have done. */
export async function withdraw(context: Context, before: TaskRow): Promise<void> {
  const { db, at } = context;
  await sql`update hand_task set state = 'withdrawn', closed_at = ${at}, next_at = null, wanted = null, maybe = null,
    version = version + 1 where id = ${before.id}`.execute(db);
  const [after] = await readTasks(db, sql`where k.id = ${before.id}`);
  recordTask(context, 'task.withdrawn', before, after!);
}

async function beginning({ db, at }: Context, targetId: string): Promise<{ dueAt: Date; nextAt: Date }> {
  const { rows } = await sql<{ settings: Record<string, string>; path: string }>`
    select t.settings, o.path from target t join organization o on o.id = t.organization_id where t.id = ${targetId}`.execute(
    db,
  );
  const { settings, path } = rows[0]!;
  const plan = planOf(settings);
  const calendar = await calendarOf(db, path);
  return timesOf(plan, progressOf(plan, begun([plan], at, calendar)), calendar);
}

export function recordTask(
  context: Context,
  type: string,
  before: TaskRow | undefined,
  after: TaskRow,
  more: { personal?: Record<string, unknown> } = {},
): void {
  context.record({
    type,
    targetKind: 'task',
    targetId: after.id,
    organizationId: after.organizationId,
    path: after.path,
    subjectId: after.userId,
    before: before ? taskState(before) : null,
    after: taskState(after),
    personal: { name: after.targetName, ...more.personal },
  });
}
