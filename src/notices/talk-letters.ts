import { type Kysely, sql } from 'kysely';
import type { StoredEvent } from '../operation/events.ts';
import type { Subscriber } from '../operation/subscribers.ts';
import type { DB } from '../platform/schema.gen.ts';
import { whoMayDecide } from '../requests/deciders.ts';
import { type RequestRow, readRequest } from '../requests/store.ts';
import { deliver, type Recipient } from './deliver.ts';
import type { Letter } from './letter.ts';
import type { Mailer } from './mail.ts';
import { askedNow, nameFor, requestLetter } from './request-words.ts';
import { usersToTell } from './store.ts';
import { wordsIn } from './words.ts';

/** What is said about a request goes to those who take part in it, in the words of whoever said it. */

/** A question to whoever asked: it stands still until they answer. */
export const mailQuestions = (mailer: Mailer): Subscriber => ({
  name: 'mail-questions',
  on: ['request.questioned'],
  run: async (event, { db, config: { url } }) => {
    const asked = await openOne(db, event);
    const quote = asked && (await saidIn(db, event, asked));
    if (!asked || !quote) return;
    const told = await usersToTell(db, concerned(asked, event));
    const services = { db, mailer, subscriber: 'mail-questions' };
    await deliver(services, event, 'request-question', told, async (reader) =>
      requestLetter(url, asked, reader, 'request-question', {
        quote: await quote(reader),
        // While it stands still, the next thing that happens to it is that it goes on without an answer.
        answerBy: asked.pausedAt && asked.nextAt,
      }),
    );
  },
});

/** The answer goes to whoever asked and may still decide; else to whom the request waits for now. */
export const mailAnswers = (mailer: Mailer): Subscriber => ({
  name: 'mail-answers',
  on: ['request.answered'],
  run: async (event, { db, config: { url } }) => {
    const asked = await openOne(db, event);
    const quote = asked && (await saidIn(db, event, asked));
    if (!asked || !quote) return;
    const { rows } = await sql<{ id: string }>`
      select distinct user_id as id from request_comment where request_id = ${asked.id} and kind = 'question'`.execute(
      db,
    );
    const able = await whoMayDecide(db, asked);
    const questioners = able.filter(({ userId }) => rows.some(({ id }) => id === userId));
    const readers = questioners.length > 0 ? questioners : await askedNow(db, asked);
    const told = await usersToTell(db, others(readers, event));
    const services = { db, mailer, subscriber: 'mail-answers' };
    await deliver(services, event, 'request-answer', told, async (reader) =>
      requestLetter(url, asked, reader, 'request-answer', {
        quote: await quote(reader),
        footer: 'footer.decider',
      }),
    );
  },
});

/** A remark goes to the other side, and to those of one's own who said something themselves. */
export const mailComments = (mailer: Mailer): Subscriber => ({
  name: 'mail-comments',
  on: ['request.commented'],
  run: async (event, { db, config: { url } }) => {
    const asked = await openOne(db, event);
    const quote = asked && (await saidIn(db, event, asked));
    if (!asked || !quote) return;
    const { rows } = await sql<{ id: string }>`
      select distinct user_id as id from request_comment where request_id = ${asked.id}`.execute(db);
    const able = await whoMayDecide(db, asked);
    const taking = able.filter(({ userId }) => rows.some(({ id }) => id === userId));
    const byDecider = able.some(({ userId }) => userId === event.actorId);
    const deciders = byDecider || taking.length > 0 ? taking : await askedNow(db, asked);
    const ids = [...concerned(asked, event), ...others(deciders, event)];
    const told = await usersToTell(db, [...new Set(ids)]);
    const services = { db, mailer, subscriber: 'mail-comments' };
    await deliver(services, event, 'request-comment', told, async (reader) =>
      requestLetter(url, asked, reader, 'request-comment', { quote: await quote(reader) }),
    );
  },
});

/** Passed on to somebody, who may decide it as it is; if by now they may not, they do not hear of it either. */
export const mailPassedOn = (mailer: Mailer): Subscriber => ({
  name: 'mail-passed-on',
  on: ['request.passed'],
  run: async (event, { db, config: { url } }) => {
    const asked = await openOne(db, event);
    if (!asked) return;
    const { rows } = await sql<{ membershipId: string }>`
      select passed_to as "membershipId" from request where id = ${asked.id}`.execute(db);
    const able = await whoMayDecide(db, asked);
    const to = able.filter(({ membershipId }) => membershipId === rows[0]?.membershipId);
    const quote = await saidIn(db, event, asked);
    const told = await usersToTell(db, others(to, event));
    const services = { db, mailer, subscriber: 'mail-passed-on' };
    await deliver(services, event, 'request-passed', told, async (reader) => {
      const t = wordsIn(reader.language);
      const by = (await nameFor(db, asked, reader.id, event.actorId)) ?? t('by.decider');
      return requestLetter(url, asked, reader, 'request-passed', {
        more: { by },
        quote: await quote?.(reader),
        footer: 'footer.decider',
      });
    });
  },
});

async function openOne(db: Kysely<DB>, event: StoredEvent): Promise<RequestRow | undefined> {
  const asked = await readRequest(db, event.targetId!);
  return asked?.state === 'open' ? asked : undefined;
}

const concerned = (asked: RequestRow, { actorId }: StoredEvent): (string | null)[] =>
  [...new Set<string | null>([asked.requesterId, asked.userId])].filter(
    (id) => id !== null && id !== actorId,
  );

const others = (people: readonly { userId: string }[], { actorId }: StoredEvent): string[] =>
  people.map(({ userId }) => userId).filter((id) => id !== actorId);

/** The words that this event was about, with the name of whoever said them as each reader may know it. */
async function saidIn(
  db: Kysely<DB>,
  event: StoredEvent,
  asked: RequestRow,
): Promise<((reader: Recipient) => Promise<Letter['quote']>) | undefined> {
  const { rows } = await sql<{ text: string }>`
    select words as text from request_comment
    where request_id = ${asked.id} and user_id = ${event.actorId} and said_at = ${event.at}
    order by position desc limit 1`.execute(db);
  const text = rows[0]?.text;
  if (!text) return undefined;
  return async ({ id, language }) => {
    const t = wordsIn(language);
    const by = (await nameFor(db, asked, id, event.actorId)) ?? t('by.decider');
    return { from: t('quote.writes', { by }), text };
  };
}
