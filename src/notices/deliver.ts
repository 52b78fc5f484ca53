import { type Kysely, sql, type Transaction } from 'kysely';
import type { StoredEvent } from '../operation/events.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type Letter, render } from './letter.ts';
import type { Mailer } from './mail.ts';

/** Somebody a letter goes to: a user at their proved address, or an invitation at its own. */
export type Recipient = {
  kind: 'user' | 'invitation';
  id: string;
  name: string;
  address: string;
  language: string;
  /** in which times are written to them */
  timeZone: string;
};

/**
 * Sends one letter to each recipient because of one event. Safe to run again: who has it already is left out.
 * One recipient's trouble keeps nobody else from theirs; then the job fails and is tried again for the rest.
 *
 * @param compose writes the letter inside the transaction that notes it. Its link's secret is made outside and stands
 *   before the mail leaves: whoever follows the link at once finds it. One that was not sent is known to nobody.
 *   Undefined when by now there is nothing to say.
 */
export async function deliver<R extends Recipient>(
  { db, mailer }: { db: Kysely<DB>; mailer: Mailer; subscriber: string },
  event: Pick<StoredEvent, 'id'>,
  letter: string,
  recipients: readonly R[],
  compose: (recipient: R, trx: Transaction<DB>) => Promise<Letter | undefined>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const recipient of recipients) {
    try {
      await db.transaction().execute((trx) => deliverOne(trx, mailer, event.id, letter, recipient, compose));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function deliverOne<R extends Recipient>(
  trx: Transaction<DB>,
  mailer: Mailer,
  eventId: string,
  letter: string,
  recipient: R,
  compose: (recipient: R, trx: Transaction<DB>) => Promise<Letter | undefined>,
): Promise<void> {
  // Of two runs of one job the second waits here for the first, and then finds the letter sent.
  const { rows } = await sql`
    insert into notice (event_id, recipient_kind, recipient_id, letter, state)
    values (${eventId}, ${recipient.kind}, ${recipient.id}, ${letter}, 'sent')
    on conflict do nothing returning 1`.execute(trx);
  if (rows.length === 0) return;
  const written = await compose(recipient, trx);
  const outcome = written && (await mailer.send(render(written)));
  if (outcome === 'sent') return;
  const which = sql`event_id = ${eventId} and recipient_kind = ${recipient.kind} and recipient_id = ${recipient.id}`;
  if (outcome === 'refused') await sql`update notice set state = 'refused' where ${which}`.execute(trx);
  else await sql`delete from notice where ${which}`.execute(trx);
}
