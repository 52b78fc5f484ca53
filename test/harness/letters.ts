import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type CaughtMail, startCatcher } from '../../src/notices/catcher.ts';
import { type Mailer, smtpMailer } from '../../src/notices/mail.ts';
import { noticeSubscribers } from '../../src/notices/subscribers.ts';
import type { EventJob } from '../../src/operation/subscribers.ts';
import { passTime } from '../../src/platform/clock.ts';
import { wake } from '../../src/requests/wake.ts';
import { runJob } from '../../src/server/worker.ts';
import { makeWorld, type World } from './world.ts';

export type LetterWorld = World & {
  /** Lets so much time pass and does every job that is due then, in its order; the mails that came of it. */
  after(seconds: number): Promise<CaughtMail[]>;
  /** Takes the mail server away, or brings it back. */
  mailServer(there: boolean): void;
};

type Due = { id: string; name: string; data: unknown };

/** A world whose letters go by SMTP to a server on loopback. */
export async function makeLetterWorld(
  others: Record<string, (world: World, data: never) => Promise<unknown>> = {},
): Promise<LetterWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'remit-letters-'));
  const catcher = await startCatcher(directory);
  const mailer = smtpMailer(catcher.smtpUrl, 'http://localhost:4000');
  const nowhere = smtpMailer('smtp://127.0.0.1:9', 'http://localhost:4000');
  let there = true;
  const whichever: Mailer = {
    send: (mail) => (there ? mailer : nowhere).send(mail),
    close: () => {},
  };
  const world = await makeWorld(noticeSubscribers(whichever));
  const handlers: typeof others = {
    event: (_, data) => runJob(world.services, data as EventJob),
    request: (_, data) => wake(world.services, (data as { requestId: string }).requestId),
    ...others,
  };
  return {
    ...world,
    async after(seconds) {
      const before = new Set((await catcher.list()).map(({ id }) => id));
      await passTime(world.db, seconds);
      for (;;) {
        const { rows } = await sql<Due>`
          delete from pgboss.job where id = (
            select id from pgboss.job where state = 'created' and start_after <= remit_now() order by start_after, created_on, id limit 1)
          returning id, name, data`.execute(world.db);
        const [job] = rows;
        if (!job) break;
        try {
          await handlers[job.name]!(world, job.data as never);
        } catch (error) {
          // As the worker does: it waits, and is tried again.
          await sql`insert into pgboss.job (name, data, start_after)
            values (${job.name}, ${JSON.stringify(job.data)}::jsonb, remit_now() + interval '10 seconds')`.execute(
            world.db,
          );
          throw error;
        }
      }
      return (await catcher.list()).filter(({ id }) => !before.has(id)).reverse();
    },
    mailServer(is) {
      there = is;
    },
    async close() {
      mailer.close();
      nowhere.close();
      await catcher.close();
      await world.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Who got which letter, in no order: `northManager: subject`. */
export const told = (mails: readonly CaughtMail[]): string[] =>
  mails.map(({ email }) => `${email.to![0]!.address!.replace('@example.org', '')}: ${email.subject}`).sort();
