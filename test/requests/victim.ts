/**
 * A process of its own that does one thing of the product on a real database, and is killed with signal 9 in the middle
 * of it: before a statement is sent, when it was sent and nothing came back, or with its answer in hand. Every await of an
 * operation is one on the database or on the mail server, so these are all the boundaries there are.
 */
import pg from 'pg';
import { smtpMailer } from '../../src/notices/mail.ts';
import { noticeSubscribers } from '../../src/notices/subscribers.ts';
import { run, type Services } from '../../src/operation/pipeline.ts';
import type { EventJob } from '../../src/operation/subscribers.ts';
import { readConfig } from '../../src/platform/config.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { startJobs } from '../../src/platform/jobs.ts';
import { requestDecide } from '../../src/requests/operations/request.decide.ts';
import { requestUndo } from '../../src/requests/operations/request.undo.ts';
import { wakeMany } from '../../src/requests/wake.ts';
import { runJob } from '../../src/server/worker.ts';

export type Phase = 'before' | 'sent' | 'answered';
/** A statement, by its first words and how many of these came before it; or `smtp`, or `told`. */
export type Boundary = { statement: string; phase: Phase };

export type Order = {
  url: string;
  smtpUrl: string;
  kill: Boundary | undefined;
} & (
  | { what: 'decide' | 'undo'; membershipId: string; input: Record<string, unknown> }
  /** works a queue until `jobs` of it are done */
  | { what: 'work'; queue: 'request' | 'event'; jobs: number }
);

/** What it tells before it ends, if it comes to that. */
export type Told = { acknowledged: string } | { statements: string[] };

let kill: Boundary | undefined;
const seen = new Map<string, number>();
const statements: string[] = [];

const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
};

/** Notes that this comes now; returns what to do about it. */
function reached(words: string): (phase: Phase) => void {
  const before = seen.get(words) ?? 0;
  seen.set(words, before + 1);
  const statement = before === 0 ? words : `${words} (${before + 1})`;
  statements.push(statement);
  return (phase) => {
    if (kill?.statement === statement && kill.phase === phase) die();
  };
}

const firstWords = (text: string): string =>
  text
    .replace(/\/\*.*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 48);

const { query } = pg.Client.prototype;
// biome-ignore lint/suspicious/noExplicitAny: pg's overloads, handed on as they are
pg.Client.prototype.query = function (this: pg.Client, ...given: any[]): any {
  const [statement] = given;
  const text: unknown = typeof statement === 'string' ? statement : statement?.text;
  if (typeof text !== 'string') return (query as never as (...all: unknown[]) => unknown).apply(this, given);
  const at = reached(firstWords(text));
  at('before');
  const last = given.length - 1;
  if (typeof given[last] === 'function') {
    const tell = given[last];
    given[last] = (...answer: unknown[]) => {
      at('answered');
      tell(...answer);
    };
  }
  const answer = (query as never as (...all: unknown[]) => unknown).apply(this, given);
  at('sent');
  if (answer instanceof Promise)
    return answer.then((rows) => {
      at('answered');
      return rows;
    });
  return answer;
};

const tell = (told: Told): Promise<void> => new Promise((resolve) => process.send!(told, () => resolve()));

async function obey(order: Order): Promise<void> {
  const config = { ...readConfig({ REMIT_LOG_LEVEL: 'silent' }), databaseUrl: order.url };
  const mailer = smtpMailer(order.smtpUrl, config.url);
  const { db } = openDatabase(order.url, { max: 2 });
  const services: Services = {
    db,
    config,
    subscribers: noticeSubscribers({
      close: () => {},
      send: async (mail) => {
        const at = reached('smtp');
        at('before');
        const sending = mailer.send(mail);
        at('sent');
        const sent = await sending;
        at('answered');
        return sent;
      },
    }),
  };
  kill = order.kill;
  if (order.what === 'work') {
    const done = Promise.withResolvers<void>();
    let left = order.jobs;
    const jobs = await startJobs(order.url, () => {});
    const finished = (n: number): void => {
      left -= n;
      if (left <= 0) done.resolve();
    };
    if (order.queue === 'request')
      await jobs.workTogether('request', async (due) => {
        const ids = due.map(({ data }) => (data as { requestId: string }).requestId);
        await wakeMany(services, ids, () => {});
        finished(due.length);
        return new Set();
      });
    else
      await jobs.work('event', async (data) => {
        await runJob(services, data as EventJob);
        finished(1);
      });
    await done.promise;
    await jobs.stop();
  } else {
    const call = {
      credential: { kind: 'membership', membershipId: order.membershipId },
      input: order.input,
      requestId: 'victim',
    } as const;
    const { output } = await (order.what === 'decide'
      ? run(services, requestDecide, call)
      : run(services, requestUndo, call));
    const at = reached('told');
    at('before');
    await tell({ acknowledged: output.state });
    at('answered');
  }
  await tell({ statements });
  die();
}

process.once('message', (order) => {
  obey(order as Order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
