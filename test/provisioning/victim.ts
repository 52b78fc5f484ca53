/**
 * A process of its own that works one mark, or sends what is due at one target, and is killed with signal 9 at one statement:
 * before it is sent, or with its answer in hand; or by whoever raised it, in the middle of a request. Or it works the real
 * queue of jobs beside another.
 */
import pg from 'pg';
import { readConfig } from '../../src/platform/config.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { startJobs } from '../../src/platform/jobs.ts';
import { keptConnections, type Sending } from '../../src/provisioning/sending/kept-connections.ts';
import { workMark } from '../../src/provisioning/sending/marker.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import { startTargets } from '../../src/provisioning/sending/turns.ts';
import { testConnector } from '../connectors/failing-target.ts';
import { testSecretKeys } from '../harness/secret-keys.ts';

export type Order = {
  url: string;
  port: number;
  targetId: string;
  /** to be turned into accounts, instead of sending */
  markId?: string;
  /** takes jobs until it is killed */
  works?: boolean;
  kill: { nth: number; phase: 'before' | 'answered' } | undefined;
};
/** What it tells if nothing kills it. */
export type Told = { statements: number } | { ready: true };

let kill: Order['kill'];
let statements = 0;

const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
};

const { query } = pg.Client.prototype;
// biome-ignore lint/suspicious/noExplicitAny: pg's overloads, handed on as they are
pg.Client.prototype.query = function (this: pg.Client, ...given: any[]): any {
  const mine = statements;
  statements += 1;
  const reached = (phase: 'before' | 'answered'): void => {
    if (kill?.nth === mine && kill.phase === phase) die();
  };
  reached('before');
  const last = given.length - 1;
  if (typeof given[last] === 'function') {
    const tell = given[last];
    given[last] = (...answer: unknown[]) => {
      reached('answered');
      tell(...answer);
    };
  }
  const answer = (query as never as (...all: unknown[]) => unknown).apply(this, given);
  if (!(answer instanceof Promise)) return answer;
  return answer.then((rows) => {
    reached('answered');
    return rows;
  });
};

async function obey(order: Order): Promise<void> {
  const config = {
    ...readConfig({ REMIT_LOG_LEVEL: 'silent', REMIT_SECRET_KEYS: testSecretKeys }),
    databaseUrl: order.url,
    egress: { networks: ['127.0.0.1'], httpHosts: ['127.0.0.1'], ports: [order.port] },
  };
  const { db } = openDatabase(order.url, { max: 2 });
  const services = { db, config, subscribers: [] };
  kill = order.kill;
  const { egressOf } = keptConnections(services);
  const sending = { ...services, connectors: () => testConnector, egressOf };
  if (order.works) return await work(sending, order.url);
  if (order.markId) await workMark(db, sending.connectors, order.markId);
  else await sendDue(sending, order.targetId);
  const told: Told = { statements };
  await new Promise<void>((resolve) => process.send!(told, () => resolve()));
  die();
}

/** As the worker does with this queue. */
async function work(sending: Sending, url: string): Promise<void> {
  const fault = (error: unknown): void => console.error(error);
  const targets = startTargets(sending, fault);
  const jobs = await startJobs(url, fault);
  await jobs.work('target', (data) => {
    const { markId, provisioningTargetId } = data as { markId?: string; provisioningTargetId?: string };
    return markId ? targets.mark(markId) : targets.wake(provisioningTargetId!);
  });
  process.send!({ ready: true } satisfies Told);
}

process.once('message', (order) => {
  obey(order as Order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
