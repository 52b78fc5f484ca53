import { type Kysely, sql } from 'kysely';
import type { StoredEvent } from '../operation/events.ts';
import { run } from '../operation/pipeline.ts';
import {
  type EventJob,
  eventQueue,
  type Subscriber,
  type SubscriberServices,
} from '../operation/subscribers.ts';
import { databaseNow } from '../platform/clock.ts';
import { sendJob } from '../platform/jobs.ts';
import type { DB } from '../platform/schema.gen.ts';
import { whoMayDecide } from '../requests/deciders.ts';
import { requestList } from '../requests/operations/request.list.ts';
import { type RequestRow, readRequest } from '../requests/store.ts';
import { usableMemberships } from '../signin/store.ts';
import type { Recipient } from './deliver.ts';
import { type Letter, render } from './letter.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { readPreferences } from './preferences.ts';
import { nextDaily } from './quiet.ts';
import { namesIn } from './request-words.ts';
import { usersToTell } from './store.ts';
import { type LetterName, wayOf } from './ways.ts';
import { type WordKey, type Words, wordsIn } from './words.ts';

/** Things listed one by one under each heading; the rest is a number. */
const mostNamed = 10;
/** More that wait than this are "or more": nobody is helped by the exact number. */
const mostCounted = 50;

const subscriber = 'mail-daily';

/**
 * The daily mail, made from the world at the moment it is sent. Whoever chooses it starts it: the job of that choice comes
 * round each day, until another choice has its own. Each round is claimed, with the next one, before anything is sent: a
 * mail server that is away for days delays one mail and stops none, and two rounds send one mail.
 */
export const mailDaily = (mailer: Mailer): Subscriber => ({
  name: subscriber,
  on: ['notice-preferences.updated'],
  run: async (event, services) => {
    const { db } = services;
    await db.transaction().execute((trx) => claim(trx, event));
    await db.transaction().execute(async (trx) => {
      const { rows } = await sql`
        update notice_preference set pending = false where user_id = ${event.subjectId} and pending returning 1`.execute(
        trx,
      );
      const [reader] = await usersToTell(trx, [event.subjectId]);
      if (rows.length === 0 || !reader) return;
      const letter = await dailyLetter(trx, services, reader);
      await sql`update notice set state = 'sent' where recipient_id = ${reader.id} and state = 'daily'`.execute(
        trx,
      );
      if (letter) await mailer.send(render(letter, reader.language));
    });
  },
});

/** Waits for its time; when it has come, orders the next round. A job of an earlier choice does nothing. */
async function claim(trx: Kysely<DB>, event: StoredEvent): Promise<void> {
  const chosen = await readPreferences(trx, event.subjectId!, { lock: true });
  if (!chosen?.nextAt || chosen.version !== event.after?.version) return;
  const now = await databaseNow(trx);
  const { daily, dailyHour, quiet, timeZone, nextAt } = chosen;
  const due = nextAt <= now;
  const next = !due ? nextAt : daily ? nextDaily(now, dailyHour, quiet, timeZone) : null;
  const { rows } = await sql`
    update notice_preference set next_at = ${next}, ordered_for = ${next}, pending = pending or ${due}
    where user_id = ${event.subjectId} and (${due} or ordered_for is distinct from ${next}) returning 1`.execute(
    trx,
  );
  if (!next || rows.length === 0) return;
  const job: EventJob = { eventId: event.id, subscriber };
  await sendJob(trx, eventQueue, job, { startAfter: (next.getTime() - now.getTime()) / 1000 });
}

/** Undefined when nothing waits and nothing happened. */
async function dailyLetter(
  db: Kysely<DB>,
  services: SubscriberServices,
  reader: Recipient,
): Promise<Letter | undefined> {
  const kept = await keptFor(db, reader.id);
  // Whoever turned it off gets what was kept until then, and no mail for its own sake.
  if (!reader.daily && kept === undefined) return undefined;
  const waiting = await waitingFor(services, reader.id);
  const questions = await questionsTo(db, reader.id);
  const news = await newsFor(db, reader.id, kept ?? [], waiting);
  if (waiting.length + questions.length + news.length === 0) return undefined;
  const t = wordsIn(reader.language);
  const url = services.config.url;
  const heading = [
    ['daily.waiting', waiting.length],
    ['daily.questions', questions.length],
    ['daily.news', news.length],
  ] as const;
  const [first] = heading.filter(([, count]) => count > 0);
  const listed = async (ids: readonly string[], line: (row: RequestRow) => string): Promise<string[]> => {
    const rows = await Promise.all(ids.slice(0, mostNamed).map((id) => readRequest(db, id)));
    const more = ids.length - mostNamed;
    return [
      ...rows.flatMap((row) => (row ? [line(row)] : [])),
      ...(more > 0 ? [t('daily.more', { count: String(more) })] : []),
    ];
  };
  const itself = (row: RequestRow): string => t('daily.line', namesIn(row, t));
  const lists = [
    { title: t('daily.waiting'), items: await listed(waiting, itself) },
    { title: t('daily.questions'), items: await listed(questions, itself) },
    {
      title: t('daily.news'),
      items: await listed(news, (row) => t(`daily.${row.state}`, namesIn(row, t))),
    },
  ].filter(({ items }) => items.length > 0);
  return {
    to: { name: reader.name, address: reader.address },
    subject: subjectOf(t, first![0], first![1]),
    paragraphs: [t('greeting', { name: reader.name })],
    lists,
    facts: [],
    button: {
      label: t('daily.button'),
      url: waiting.length > 0 ? links.requests(url) : links.access(url),
    },
    footer: t('footer.daily', { url }),
  };
}

function subjectOf(t: Words, heading: string, count: number): string {
  const form = count === 1 ? 'one' : count >= mostCounted ? 'many' : 'other';
  return t(`${heading}-subject.${form}` as WordKey, { count: String(count) });
}

/** What this person may decide now, in all their memberships: the same list as on their page, by the same rule. */
async function waitingFor({ db, config }: SubscriberServices, userId: string): Promise<string[]> {
  const found = new Set<string>();
  for (const { id: membershipId } of await usableMemberships(db, userId)) {
    const { output } = await run({ db, config, subscribers: [] }, requestList, {
      credential: { kind: 'membership', membershipId },
      input: { box: 'inbox', limit: mostCounted },
      requestId: subscriber,
    });
    for (const { requestId } of output.items) found.add(requestId);
  }
  return [...found];
}

/** Open requests of theirs that stand still until they answer. */
async function questionsTo(db: Kysely<DB>, userId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select q.id from request q left join membership m on m.id = q.membership_id
    where q.state = 'open' and q.paused_at is not null and (q.requester_id = ${userId} or m.user_id = ${userId})
    order by q.paused_at, q.id limit ${mostCounted}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Requests that something was kept about; undefined when nothing at all was. */
async function keptFor(
  db: Kysely<DB>,
  userId: string,
): Promise<{ id: string; letter: LetterName }[] | undefined> {
  const { rows } = await sql<{ id: string; letter: LetterName }>`
    select e.target_id as id, n.letter from notice n join event e on e.id = n.event_id
    where n.recipient_id = ${userId} and n.recipient_kind = 'user' and n.state = 'daily' order by e.position`.execute(
    db,
  );
  return rows.length > 0 ? rows : undefined;
}

/** What of it is news, and this person's to know: they asked, get it, or may decide it still. */
async function newsFor(
  db: Kysely<DB>,
  userId: string,
  kept: readonly { id: string; letter: LetterName }[],
  waiting: readonly string[],
): Promise<string[]> {
  const ids = kept.filter(({ letter }) => wayOf(letter) === 'news').map(({ id }) => id);
  const news: string[] = [];
  for (const id of new Set(ids)) {
    if (waiting.includes(id)) continue;
    const row = await readRequest(db, id);
    if (!row) continue;
    const theirs = row.requesterId === userId || row.userId === userId;
    if (theirs || (await whoMayDecide(db, row)).some((one) => one.userId === userId)) news.push(id);
  }
  return news;
}
