import { type Kysely, sql } from 'kysely';
import type { StoredEvent } from '../operation/events.ts';
import type { Subscriber, SubscriberServices } from '../operation/subscribers.ts';
import { databaseNow } from '../platform/clock.ts';
import type { DB } from '../platform/schema.gen.ts';
import { whoMayDecide } from '../requests/deciders.ts';
import { type RequestRow, readRequest } from '../requests/store.ts';
import { deliver } from './deliver.ts';
import type { Mailer } from './mail.ts';
import { askedTogether, tellOfMany } from './many-letters.ts';
import {
  askedAgain,
  askedNow,
  dueOf,
  isOwn,
  mayBeUndone,
  nameFor,
  openSince,
  readSettled,
  requestLetter,
  toldOf,
  votersOf,
} from './request-words.ts';
import { usersToTell } from './store.ts';
import { wordsIn } from './words.ts';

/**
 * Letters to those who may decide. Whatever woke us, we look at the world: whom the open level asks at this moment, and
 * who of them has not heard of it since the step began. So nobody is written to who lost the right meanwhile, an undone
 * decision leaves no trace, and it does not matter how late or how often this runs.
 */

/** A request has arrived, or is back after an undo, or others are asked now. */
export const mailRequests = (mailer: Mailer): Subscriber => ({
  name: 'mail-requests',
  on: ['request.created', 'request.reopened', 'request.escalated', 'request.waived'],
  run: async (event, services) => {
    const together = event.type === 'request.created' ? await askedTogether(services.db, event) : [];
    if (together.length <= 1) return tellDeciders('mail-requests', mailer, event, services);
    // The first speaks for all of them.
    if (together[0]!.id === event.id) await tellOfMany('mail-requests', mailer, together, services);
  },
});

/** A decision may have opened the next step; it can be taken back for ten seconds. */
export const mailNextSteps = (mailer: Mailer): Subscriber => ({
  name: 'mail-next-steps',
  on: ['request.voted'],
  delaySeconds: 10,
  run: (event, services) => tellDeciders('mail-next-steps', mailer, event, services),
});

async function tellDeciders(
  subscriber: string,
  mailer: Mailer,
  event: StoredEvent,
  { db, config: { url } }: SubscriberServices,
): Promise<void> {
  const asked = await readSettled(db, event.targetId!);
  if (asked?.state !== 'open' || (await mayBeUndone(db, asked.id))) return;
  const able = await askedNow(db, asked);
  const since = await openSince(db, asked);
  const told = await toldOf(db, asked.id, { since });
  const fresh = able.filter(({ userId }) => !told.has(userId));
  const readers = await usersToTell(
    db,
    fresh.map(({ userId }) => userId),
  );
  const due = await dueOf(db, asked);
  // Where the first level had nobody at all, the next one was asked at once: that is an arrival like any other.
  const late = asked.level > 0 && asked.levelAt !== null && asked.levelAt > since;
  const letter = late ? 'request-escalated' : 'request-waiting';
  await deliver({ db, mailer, subscriber }, event, letter, readers, async (reader, trx) => {
    // Two events of one moment are two jobs: the second waits for the first, and finds it told.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${asked.id} ${reader.id}`}, 0))`.execute(trx);
    if ((await toldOf(trx, asked.id, { since, but: event.id })).has(reader.id)) return undefined;
    const because = fresh.find(({ userId }) => userId === reader.id)!.because;
    return requestLetter(url, asked, reader, letter, {
      text: late ? undefined : textOf(asked),
      also: await asDeputy(db, because[0], reader.language),
      due,
      footer: 'footer.decider',
    });
  });
}

/** For whom somebody decides as their deputy. */
async function asDeputy(
  db: Kysely<DB>,
  link: { kind: string; giverUserId: string | null } | undefined,
  language: string,
): Promise<string[]> {
  if (link?.kind !== 'approve') return [];
  const { rows } = await sql<{ giver: string }>`
    select display_name as giver from app_user where id = ${link.giverUserId} and state <> 'erased'`.execute(
    db,
  );
  return rows[0] ? [wordsIn(language)('request-waiting.deputy', rows[0])] : [];
}

/** A quarter of an hour, in milliseconds. */
const justNow = 900_000;

/** Those who may still decide and know of it are reminded; where nobody who knows is left, whom the level asks now. */
export const mailReminders = (mailer: Mailer): Subscriber => ({
  name: 'mail-reminders',
  on: ['request.reminded'],
  run: async (event, { db, config: { url } }) => {
    const asked = await readRequest(db, event.targetId!);
    if (asked?.state !== 'open' || asked.pausedAt) return;
    const told = await toldOf(db, asked.id, { since: await openSince(db, asked) });
    const voted = await votersOf(db, asked);
    const able = (await whoMayDecide(db, asked)).filter(({ userId }) => !voted.has(userId));
    const knowing = able.filter(({ userId }) => told.has(userId));
    const due = await dueOf(db, asked);
    const ids = (knowing.length > 0 ? knowing : await askedNow(db, asked)).map(({ userId }) => userId);
    const readers = await usersToTell(db, [...new Set(ids)]);
    const services = { db, mailer, subscriber: 'mail-reminders' };
    await deliver(services, event, 'request-reminder', readers, async (reader, trx) => {
      // After quiet hours both come at once: who has just heard of it needs no reminder.
      const since = new Date((await databaseNow(trx)).getTime() - justNow);
      if ((await toldOf(trx, asked.id, { since, but: event.id })).has(reader.id)) return undefined;
      return requestLetter(url, asked, reader, 'request-reminder', { due, footer: 'footer.decider' });
    });
  },
});

/** Taken back by whoever asked: those who had it open need not look at it any more, and whom it was for hears of it. */
export const mailWithdrawals = (mailer: Mailer): Subscriber => ({
  name: 'mail-withdrawals',
  on: ['request.withdrawn'],
  run: async (event, { db, config: { url } }) => {
    const asked = await readRequest(db, event.targetId!);
    if (asked?.state !== 'withdrawn') return;
    const told = await toldOf(db, asked.id);
    const able = await whoMayDecide(db, asked);
    const ids = [...able.map(({ userId }) => userId).filter((id) => told.has(id)), asked.userId];
    const readers = await usersToTell(
      db,
      [...new Set(ids)].filter((id) => id !== event.actorId),
    );
    const services = { db, mailer, subscriber: 'mail-withdrawals' };
    await deliver(services, event, 'request-withdrawn', readers, async (reader) =>
      requestLetter(url, asked, reader, 'request-withdrawn'),
    );
  },
});

/** The dialog that asks sends its files right after it; seconds. */
const partOfAsking = 60;

/**
 * A file came after those who decide were written to: they hear of it once, however many came together. Whoever had said
 * yes to the open step hears that it has to be given again, also where nobody wrote to them before (I34).
 */
export const mailAttached = (mailer: Mailer): Subscriber => ({
  name: 'mail-attached',
  on: ['request.attached'],
  delaySeconds: 60,
  run: async (event, { db, config: { url } }) => {
    const asked = await readRequest(db, event.targetId!);
    if (asked?.state !== 'open') return;
    const again = await askedAgain(db, asked);
    const withTheAsking = event.at.getTime() - asked.createdAt.getTime() < partOfAsking * 1000;
    const told = withTheAsking ? new Set<string>() : await toldOf(db, asked.id);
    const voted = await votersOf(db, asked);
    const knowing = (await whoMayDecide(db, asked)).filter(
      ({ userId }) => told.has(userId) || again.has(userId),
    );
    const ids = [...knowing, ...(withTheAsking ? [] : await askedNow(db, asked))].map(({ userId }) => userId);
    const readers = await usersToTell(
      db,
      [...new Set(ids)].filter((id) => id !== event.actorId && !voted.has(id)),
    );
    const due = await dueOf(db, asked);
    const services = { db, mailer, subscriber: 'mail-attached' };
    await deliver(services, event, 'request-attached', readers, async (reader, trx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`${asked.id} ${reader.id}`}, 0))`.execute(
        trx,
      );
      if ((await toldOf(trx, asked.id, { since: event.at, but: event.id })).has(reader.id)) return undefined;
      const by = (await nameFor(db, asked, reader.id, event.actorId)) ?? asked.requesterName;
      return requestLetter(url, asked, reader, 'request-attached', {
        ...(again.has(reader.id)
          ? { subject: 'request-attached.again-subject', text: 'request-attached.again' }
          : {}),
        more: { by },
        due,
        footer: 'footer.decider',
      });
    });
  },
});

/** Somebody who asks to join stands in no organization yet. */
function textOf(asked: RequestRow): string | undefined {
  if (asked.kind === 'account' && asked.requesterId === null) return 'request-waiting.stranger';
  return isOwn(asked) ? 'request-waiting.own' : undefined;
}
