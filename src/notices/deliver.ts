import { type Kysely, sql, type Transaction } from 'kysely';
import type { StoredEvent } from '../operation/events.ts';
import { type EventJob, eventQueue } from '../operation/subscribers.ts';
import { databaseNow } from '../platform/clock.ts';
import { sendJob } from '../platform/jobs.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type Letter, render } from './letter.ts';
import type { Mailer } from './mail.ts';
import { type Quiet, quietEnd } from './quiet.ts';
import { type LetterName, wayOf } from './ways.ts';

/** Somebody a letter goes to: a user at their proved address, or an invitation at its own. */
export type Recipient = {
  kind: 'user' | 'invitation';
  id: string;
  name: string;
  address: string;
  language: string;
  /** in which times are written to them */
  timeZone: string;
  /** wants one mail a day */
  daily?: boolean;
  quiet?: Quiet | undefined;
};

type Delivery = { db: Kysely<DB>; mailer: Mailer; subscriber: string };
type Compose<R> = (recipient: R, trx: Transaction<DB>) => Promise<Letter | undefined>;

/**
 * Sends one letter to each recipient because of one event. Safe to run again: who has it already is left out.
 * One recipient's trouble keeps nobody else from theirs; then the job fails and is tried again for the rest.
 *
 * Who has quiet hours gets it at their end: the subscriber then runs again, and finds its recipients anew, so that what
 * is no longer true, or no longer theirs to know, is not sent (ruling 16).
 *
 * @param compose writes the letter inside the transaction that notes it. Its link's secret is made outside and stands
 *   before the mail leaves: whoever follows the link at once finds it. One that was not sent is known to nobody.
 *   Undefined when by now there is nothing to say.
 */
export async function deliver<R extends Recipient>(
  delivery: Delivery,
  event: Pick<StoredEvent, 'id'>,
  letter: LetterName,
  recipients: readonly R[],
  compose: Compose<R>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const recipient of recipients) {
    try {
      await delivery.db
        .transaction()
        .execute((trx) => deliverOne(trx, delivery, event.id, letter, recipient, compose));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function deliverOne<R extends Recipient>(
  trx: Transaction<DB>,
  { mailer, subscriber }: Delivery,
  eventId: string,
  letter: LetterName,
  recipient: R,
  compose: Compose<R>,
): Promise<void> {
  // Of two runs of one job the second waits here for the first, and then finds the letter sent.
  const { rows } = await sql`
    insert into notice (event_id, recipient_kind, recipient_id, letter, state)
    values (${eventId}, ${recipient.kind}, ${recipient.id}, ${letter}, 'sent')
    on conflict (event_id, recipient_kind, recipient_id)
      do update set state = 'sent', letter = excluded.letter, held_until = null, created_at = remit_now()
      where notice.state = 'held' and notice.held_until <= remit_now()
    returning 1`.execute(trx);
  if (rows.length === 0) return;
  const which = sql`event_id = ${eventId} and recipient_kind = ${recipient.kind} and recipient_id = ${recipient.id}`;
  const way = wayOf(letter);
  const inDaily = recipient.daily === true && (way === 'waiting' || way === 'news');
  const now = await databaseNow(trx);
  const until = way === 'at-once' || inDaily ? undefined : quietEnd(now, recipient.quiet, recipient.timeZone);
  if (until) {
    await sql`update notice set state = 'held', held_until = ${until} where ${which}`.execute(trx);
    const job: EventJob = { eventId, subscriber };
    await sendJob(trx, eventQueue, job, { startAfter: (until.getTime() - now.getTime()) / 1000 });
    return;
  }
  const written = await compose(recipient, trx);
  if (!written) {
    await sql`delete from notice where ${which}`.execute(trx);
  } else if (inDaily) {
    await sql`update notice set state = 'daily' where ${which}`.execute(trx);
  } else if ((await mailer.send(render(written, recipient.language))) === 'refused') {
    await sql`update notice set state = 'refused' where ${which}`.execute(trx);
  }
}
