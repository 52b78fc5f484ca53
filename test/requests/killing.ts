/** Orders victims, kills them, and works off what they left, as a restarted process would. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { PgBoss } from 'pg-boss';
import { smtpMailer } from '../../src/notices/mail.ts';
import { noticeSubscribers } from '../../src/notices/subscribers.ts';
import type { Services } from '../../src/operation/pipeline.ts';
import type { EventJob } from '../../src/operation/subscribers.ts';
import { passTime } from '../../src/platform/clock.ts';
import { wake } from '../../src/requests/wake.ts';
import { runJob } from '../../src/server/worker.ts';
import { type Mailbox, startMailbox } from '../harness/mailbox.ts';
import { makeWorld, type World } from '../harness/world.ts';
import type { Boundary, Order, Told } from './victim.ts';

type Victim = { process: ChildProcess; ready: Promise<unknown> };

/** `Order` without where things are. */
type Wish = Order extends infer O ? (O extends Order ? Omit<O, 'url' | 'smtpUrl' | 'kill'> : never) : never;

export type Outcome = { acknowledged: string | undefined; killed: boolean; statements: string[] };

export type Stage = {
  world: World;
  mailbox: Mailbox;
  /** Has a process do it, and kills it at the boundary; waits until the database knows that it is gone. */
  order: (wish: Wish, kill?: Boundary) => Promise<Outcome>;
  /** A process that starts anew does what is due, and what a dead one had begun. */
  workOff: () => Promise<void>;
  close: () => Promise<void>;
};

const file = fileURLToPath(new URL('victim.ts', import.meta.url));
/** Started ahead: starting takes longer than what they do. */
const ahead = 3;

export async function makeStage(): Promise<Stage> {
  const mailbox = await startMailbox();
  const world = await makeWorld();
  const mailer = smtpMailer(mailbox.smtpUrl, world.services.config.url);
  world.services.subscribers = noticeSubscribers(mailer);
  const boss = new PgBoss({
    connectionString: world.url,
    schema: 'pgboss',
    max: 1,
    migrate: false,
    schedule: false,
    supervise: false,
  });
  boss.on('error', () => {});
  await boss.start();
  const url = `${world.url}&application_name=victim`;
  const waiting: Victim[] = [];
  const raise = (): void => {
    const child = fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    waiting.push({ process: child, ready: once(child, 'spawn') });
  };
  for (let n = 0; n < ahead; n += 1) raise();

  const order = async (wish: Wish, kill?: Boundary): Promise<Outcome> => {
    const victim = waiting.shift()!;
    raise();
    await victim.ready;
    const outcome: Outcome = { acknowledged: undefined, killed: true, statements: [] };
    victim.process.on('message', (told: Told) => {
      if ('acknowledged' in told) outcome.acknowledged = told.acknowledged;
      else Object.assign(outcome, { statements: told.statements, killed: false });
    });
    const gone = once(victim.process, 'close');
    victim.process.send({ ...wish, url, smtpUrl: mailbox.smtpUrl, kill });
    const [code, signal] = await gone;
    if (signal !== 'SIGKILL')
      throw new Error(`the victim ended by itself (${code}) at ${JSON.stringify({ wish, kill })}`);
    // What it had sent may still be under way, and be committed.
    await sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'victim' and state = 'idle'`.execute(
      world.db,
    );
    for (;;) {
      const { rows } =
        await sql`select 1 from pg_stat_activity where application_name = 'victim' and datname = current_database()`.execute(
          world.db,
        );
      if (rows.length === 0) return outcome;
    }
  };

  return {
    world,
    mailbox,
    order,
    workOff: () => workOff(world, world.services, boss),
    close: async () => {
      for (const { process: child } of waiting) child.kill('SIGKILL');
      await boss.stop({ graceful: false });
      mailer.close();
      await world.close();
      await mailbox.close();
    },
  };
}

async function workOff(world: World, services: Services, boss: PgBoss): Promise<void> {
  for (;;) {
    // Whoever was at work on these has not been heard of for ten minutes; then they wait as after a failure.
    const { rows: begun } = await sql`select 1 from pgboss.job where state = 'active'`.execute(world.db);
    if (begun.length > 0) {
      await passTime(world.db, 601);
      await boss.supervise();
      await passTime(world.db, 60);
    }
    let done = 0;
    for (const queue of ['request', 'event'] as const) {
      for (const { id, data } of (await boss.fetch<object>(queue, { batchSize: 50 })) ?? []) {
        if (queue === 'request') await wake(services, (data as { requestId: string }).requestId);
        else await runJob(services, data as EventJob);
        await boss.complete(queue, id);
        done += 1;
      }
    }
    if (done === 0 && begun.length === 0) return;
  }
}
