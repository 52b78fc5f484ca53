import { sql } from 'kysely';
import type { Context } from '../../operation/operation.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import { recordTask } from './ask.ts';
import { askingOf, mayDo, notAbout } from './asking.ts';
import { lockTask, readTask, type TaskRow } from './store.ts';

/** The steps of closing a task, each with one reason to refuse. */

/** Whom the target names now, and nobody else, finds the task: for others there is none. */
export async function requireTask(context: Context, task: TaskRow | undefined): Promise<TaskRow> {
  context.user();
  if (!task || (task.state === 'open' && !task.live) || notAbout(context.facts).includes(task.userId))
    throw refuse('not-found');
  if (!mayDo(context.facts, (await askingOf(context.db, task))(task.level))) throw refuse('not-found');
  return task;
}

/**
 * The task, locked, as the one who closes it saw it: what they did is what it said then.
 * @returns undefined where it is closed in this way already, by the same person
 */
export async function openTask(
  context: Context,
  taskId: string,
  as: 'done' | 'refused',
): Promise<{ task: TaskRow; open: boolean }> {
  const task = await requireTask(context, await lockTask(context.db, taskId));
  if (task.state === as && task.closedBy === context.user().userId) return { task, open: false };
  if (task.state !== 'open') throw refuse('task.closed');
  context.checkVersion(task.version);
  return { task, open: true };
}

/** What was asked is there now, by what this person says. */
export async function closeAsDone(
  context: Context,
  task: TaskRow,
  accountName: string | undefined,
): Promise<TaskRow> {
  const { db, at } = context;
  const { wanted, accountId, targetId } = task;
  const name = accountName ?? task.accountName;
  if (!wanted) await sql`delete from hand_account where account_id = ${accountId}`.execute(db);
  else {
    if (!name) throw refuse('task.name-missing');
    const { rows } = await sql`
      select 1 from hand_account where target_id = ${targetId} and external_id = ${name} and account_id <> ${accountId}
      union all select 1 from account where target_id = ${targetId} and external_id = ${name} and id <> ${accountId}`.execute(
      db,
    );
    if (rows.length > 0) throw refuse('task.name-taken');
    await sql`
      insert into hand_account (account_id, target_id, external_id, enabled, fields, roles, changed_at)
      values (${accountId}, ${targetId}, ${name}, ${wanted.enabled}, ${JSON.stringify(wanted.fields)}::jsonb, ${[...wanted.roles]}::text[], ${at})
      on conflict (account_id) do update set external_id = excluded.external_id, enabled = excluded.enabled, fields = excluded.fields,
        roles = excluded.roles, changed_at = excluded.changed_at`.execute(db);
  }
  return await close(context, task, 'done', '');
}

/** It stays as it is, and the account is a dead letter until somebody has it tried again, or something else is wanted. */
export const closeAsRefused = (context: Context, task: TaskRow, reason: string): Promise<TaskRow> =>
  close(context, task, 'refused', reason);

async function close(
  context: Context,
  before: TaskRow,
  state: 'done' | 'refused',
  reason: string,
): Promise<TaskRow> {
  const { db, at } = context;
  await sql`
    update hand_task set state = ${state}, closed_at = ${at}, closed_by = ${context.user().userId}, reason = ${reason}, next_at = null,
      wanted = null, maybe = null, version = version + 1 where id = ${before.id}`.execute(db);
  // Who sends looks at what should be by now, and compares it with what was said.
  await sql`
    update account set generation = generation + 1, due_at = ${at}
      ${state === 'refused' ? sql`, attempts = greatest(attempts, 1), failing_since = coalesce(failing_since, ${at})` : sql``}
    where id = ${before.accountId}`.execute(db);
  await sendJob(db, 'target', { provisioningTargetId: before.targetId });
  const after = (await readTask(db, before.id))!;
  recordTask(
    context,
    state === 'done' ? 'task.completed' : 'task.refused',
    before,
    after,
    reason ? { personal: { name: before.targetName, reason } } : {},
  );
  return after;
}
