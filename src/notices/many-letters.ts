import { type Kysely, sql } from 'kysely';
import type { StoredEvent } from '../operation/events.ts';
import type { SubscriberServices } from '../operation/subscribers.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type RequestRow, readRequest } from '../requests/store.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { askedNow, dueOf, mayBeUndone, namesIn, openSince, requestLetter, toldOf } from './request-words.ts';
import { usersToTell } from './store.ts';
import { wordsIn } from './words.ts';

type Together = { id: string; requestId: string };

/** What was asked with one click, for several people: each of them is a request of its own. */
export async function askedTogether(db: Kysely<DB>, event: StoredEvent): Promise<Together[]> {
  const { rows } = await sql<Together>`
    select e.id, e.target_id as "requestId" from event e
    where e.actor_id = ${event.actorId} and e.type = 'request.created' and e.request_id = ${event.requestId}
      and e.at = ${event.at} and e.position between ${event.position}::bigint - 1000 and ${event.position}::bigint + 1000
    order by e.position`.execute(db);
  return rows;
}

/** One letter to each of those who may decide, however many they are to decide. */
export async function tellOfMany(
  subscriber: string,
  mailer: Mailer,
  together: readonly Together[],
  { db, config: { url } }: SubscriberServices,
): Promise<void> {
  const forWhom = new Map<string, { eventId: string; asked: RequestRow }[]>();
  for (const { id: eventId, requestId } of together) {
    const asked = await readRequest(db, requestId);
    if (asked?.state !== 'open' || (await mayBeUndone(db, requestId))) continue;
    const told = await toldOf(db, requestId, { since: await openSince(db, asked) });
    for (const { userId } of await askedNow(db, asked))
      if (!told.has(userId)) forWhom.set(userId, [...(forWhom.get(userId) ?? []), { eventId, asked }]);
  }
  const [first] = together;
  const readers = await usersToTell(db, [...forWhom.keys()]);
  await deliver({ db, mailer, subscriber }, first!, 'request-waiting', readers, async (reader, trx) => {
    const waiting = forWhom.get(reader.id)!;
    // Each of them is told of with this one letter: none of their own events says it again.
    await sql`
      insert into notice (event_id, recipient_kind, recipient_id, letter, state)
      select e, 'user', ${reader.id}, 'request-waiting', 'sent' from unnest(${waiting.map(({ eventId }) => eventId)}::uuid[]) e
      on conflict do nothing`.execute(trx);
    const [one, ...others] = waiting;
    if (others.length === 0)
      return requestLetter(url, one!.asked, reader, 'request-waiting', {
        due: await dueOf(db, one!.asked),
        footer: 'footer.decider',
      });
    const t = wordsIn(reader.language);
    const names = { requester: one!.asked.requesterName, count: String(waiting.length) };
    return {
      to: { name: reader.name, address: reader.address },
      subject: t('request-many.subject', names),
      paragraphs: [t('greeting', { name: reader.name }), t('request-many.what', names)],
      lists: [
        {
          title: t('daily.waiting'),
          items: waiting.map(({ asked }) => t('daily.line', namesIn(asked, t))),
        },
      ],
      facts: one!.asked.reason ? [{ label: t('fact.reason'), value: one!.asked.reason }] : [],
      button: { label: t('daily.button'), url: links.requests(url) },
      footer: t('footer.decider', { url }),
    };
  });
}
