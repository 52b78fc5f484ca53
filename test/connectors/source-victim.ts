/**
 * A process of its own that does a reading, and is killed with signal 9 at one statement: before it is sent, or with its
 * answer in hand. Whatever else it does, asking the directory too, lies between statements.
 */
import pg from 'pg';
import { workRun } from '../../src/enrolment/sources/work.ts';
import { readConfig } from '../../src/platform/config.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { testSecretKeys } from '../harness/secret-keys.ts';

export type Order = {
  url: string;
  runId: string;
  port: number;
  kill: { at: number; answered: boolean } | undefined;
};
/** What it tells if nothing kills it. */
export type Told = { statements: number };

let kill: Order['kill'];
let sent = 0;

const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
};

const { query } = pg.Client.prototype;
// biome-ignore lint/suspicious/noExplicitAny: pg's overloads, handed on as they are
pg.Client.prototype.query = function (this: pg.Client, ...given: any[]): any {
  const plain = query as unknown as (...all: unknown[]) => unknown;
  if (typeof given.at(-1) === 'function') return plain.apply(this, given);
  sent += 1;
  const here = kill?.at === sent;
  if (here && !kill!.answered) die();
  const answer = plain.apply(this, given) as Promise<unknown>;
  return here ? answer.then(die) : answer;
};

async function obey({ url, runId, port, ...order }: Order): Promise<void> {
  const config = {
    ...readConfig({ REMIT_LOG_LEVEL: 'silent', REMIT_SECRET_KEYS: testSecretKeys }),
    databaseUrl: url,
    egress: { networks: ['127.0.0.1'], httpHosts: [], ports: [port] },
  };
  const { db } = openDatabase(url, { max: 2 });
  kill = order.kill;
  await workRun({ db, config }, runId);
  const told: Told = { statements: sent };
  await new Promise<void>((resolve) => process.send!(told, () => resolve()));
  die();
}

process.once('message', (order) => {
  obey(order as Order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
