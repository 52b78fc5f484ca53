import { type Kysely, sql } from 'kysely';
import { holders } from '../authority/holders.ts';
import type { StoredEvent } from '../operation/events.ts';
import type { Subscriber } from '../operation/subscribers.ts';
import type { DB } from '../platform/schema.gen.ts';
import { provisioningTarget, viewTarget } from '../provisioning/targets/target-view.ts';
import { whoMayDo } from '../provisioning/tasks/asking.ts';
import { isLive, readTask, type TaskRow } from '../provisioning/tasks/store.ts';
import { deliver, type Recipient } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { plainLetter } from './plain-letter.ts';
import { organizationName, usersToTell } from './store.ts';
import { whenIn } from './words.ts';

/** More people than these are not written to: everybody would leave it to the others. */
const mostReaders = 20;

/** Those who operate a system hear once that it waits for them; what waits, and how much, is on its page. */
export const mailAlarms = (mailer: Mailer): Subscriber => ({
  name: 'mail-alarms',
  on: ['target.braked', 'target.alarmed'],
  run: async (event, { db, config: { url } }) => {
    const target = await provisioningTarget(db, event.targetId!);
    const organization = await organizationName(db, event.organizationId);
    if (!target || !organization) return;
    const now = await viewTarget(db, target.id);
    const braked = event.type === 'target.braked';
    // Agreed to, or caught up, before anybody was told.
    if (braked ? !now.brakedAt && !now.changesHeldAt : now.overdue + now.dead === 0) return;
    const able = await holders(db, 'target.operate', target);
    const readers = await usersToTell(
      db,
      [...new Set(able.map(({ userId }) => userId))].slice(0, mostReaders),
    );
    const letter = braked ? 'target-braked' : 'target-alarmed';
    const services = { db, mailer, subscriber: 'mail-alarms' };
    await deliver(services, event, letter, readers, async (reader) =>
      plainLetter(url, letter, reader, {
        names: { target: now.name, organization: organization.name },
        facts: () =>
          braked
            ? [{ label: 'fact.waiting', value: String(event.after?.waiting ?? '') }]
            : ([
                { label: 'fact.overdue', value: String(now.overdue) },
                { label: 'fact.given-up', value: String(now.dead) },
              ] as const),
        page: links.target(url, target.id),
        footer: 'footer.operator',
      }),
    );
  },
});

/** What comes together within this time is told in one mail. */
const togetherSeconds = 30;

/** There is something to do by hand, or other people are asked now. */
export const mailTasks = (mailer: Mailer): Subscriber => ({
  name: 'mail-tasks',
  on: ['task.opened', 'task.changed', 'task.escalated'],
  // Where only what is wanted changed, the task says so when it is looked at.
  when: ({ type, before, after }) => type !== 'task.changed' || before?.what !== after?.what,
  delaySeconds: togetherSeconds,
  run: (event, { db, config: { url } }) =>
    tellOfTasks({ db, mailer, subscriber: 'mail-tasks' }, event, 'task-waiting', url),
});

export const mailTaskReminders = (mailer: Mailer): Subscriber => ({
  name: 'mail-task-reminders',
  on: ['task.reminded'],
  delaySeconds: togetherSeconds,
  run: (event, { db, config: { url } }) =>
    tellOfTasks({ db, mailer, subscriber: 'mail-task-reminders' }, event, 'task-reminder', url),
});

/** Whom the system names at this moment hears of all that waits for them there; whoever just heard of it does not again. */
async function tellOfTasks(
  delivery: { db: Kysely<DB>; mailer: Mailer; subscriber: string },
  event: StoredEvent,
  letter: 'task-waiting' | 'task-reminder',
  url: string,
): Promise<void> {
  const { db } = delivery;
  const task = await readTask(db, event.targetId!);
  const organization = await organizationName(db, event.organizationId);
  if (task?.state !== 'open' || !task.live || !organization) return;
  const able = await whoMayDo(db, task, task);
  const readers = await usersToTell(db, [...new Set(able.map(({ userId }) => userId))].slice(0, mostReaders));
  await deliver(delivery, event, letter, readers, async (reader, trx) => {
    // Two events of one moment are two jobs: the second waits for the first, and finds it told.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${task.targetId} ${reader.id}`}, 0))`.execute(
      trx,
    );
    if (await heardSince(trx, task, reader, event)) return undefined;
    const { count, dueAt } = await waitingFor(trx, task, reader);
    return plainLetter(url, letter, reader, {
      names: { target: task.targetName, organization: organization.name },
      facts: (language, timeZone) => [
        { label: 'fact.open-tasks', value: String(count) },
        { label: 'fact.task-due', value: whenIn(language, dueAt, timeZone) },
      ],
      page: links.requests(url),
      footer: 'footer.tasks',
    });
  });
}

async function heardSince(
  db: Kysely<DB>,
  { targetId }: TaskRow,
  { id }: Recipient,
  event: StoredEvent,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from notice n join event e on e.id = n.event_id join hand_task k on k.id = e.target_id
    where n.recipient_id = ${id} and n.letter in ('task-waiting', 'task-reminder') and n.event_id <> ${event.id}
      and n.created_at >= ${event.at} and k.target_id = ${targetId} limit 1`.execute(db);
  return rows.length > 0;
}

/** How many wait there that have come as far as this one, or further, and when the first is due. */
async function waitingFor(
  db: Kysely<DB>,
  { targetId, level }: TaskRow,
  { id }: Recipient,
): Promise<{ count: number; dueAt: Date }> {
  const { rows } = await sql<{ count: number; dueAt: Date }>`
    select count(*)::int as count, min(k.due_at) as "dueAt" from hand_task k join account a on a.id = k.account_id
    join target t on t.id = k.target_id where ${isLive} and k.target_id = ${targetId} and k.level >= ${level} and a.user_id <> ${id}`.execute(
    db,
  );
  return rows[0]!;
}
