import { sql } from 'kysely';
import type { Subscriber } from '../operation/subscribers.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { plainLetter } from './plain-letter.ts';
import { usersToTell } from './store.ts';

/** An account that was made elsewhere has a first password: its owner hears where it is shown, and never what it is. */
export const mailFirstPasswords = (mailer: Mailer): Subscriber => ({
  name: 'mail-first-passwords',
  on: ['initial-password.handed-over'],
  run: async (event, { db, config: { url } }) => {
    if (!event.subjectId) return;
    // Looked at meanwhile, or over: there is nothing to say.
    const { rows } = await sql<{ name: string }>`
      select t.name from queued_password q join target t on t.id = q.target_id
      where q.target_id = ${event.targetId} and q.user_id = ${event.subjectId} and q.kind = 'initial' and q.sent_at is not null
        and q.expires_at > remit_now()`.execute(db);
    const [target] = rows;
    if (!target) return;
    const services = { db, mailer, subscriber: 'mail-first-passwords' };
    const told = await usersToTell(db, [event.subjectId]);
    await deliver(services, event, 'first-password', told, async (reader) =>
      plainLetter(url, 'first-password', reader, {
        names: { system: target.name },
        page: links.account(url),
      }),
    );
  },
});
