import { Agent, request } from 'node:http';
import { sql } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { workMark } from '../src/provisioning/sending/marker.ts';
import { mark } from '../src/provisioning/sending/marks.ts';
import { sendDue } from '../src/provisioning/sending/sending.ts';
import { type Answering, type Connected, connect, startAnswering } from './connected.ts';
import { membershipIdOf, userIdOf } from './generate.ts';
import { described, mean } from './measure.ts';
import { type Result, result, say } from './result.ts';
import type { World } from './world.ts';

/** Accounts of one round; with the marks' steps of a thousand and the claims' of a hundred that is ten batches. */
const people = 1_000;
const firstPerson = 5_000;
const rounds = 6;
const lanes = 8;

type Statement = { text: string; values: unknown[] | undefined };

/**
 * Accounts at a system that answers at once, from the mark of a change to the last account settled, against a bare loop:
 * the very same statements as they were recorded from the sender, with their values, on one connection, and one HTTP call for
 * each account by Node's own client, as many at once; the writes that follow calls wait for no other. So all that ours adds
 * is counted: rules, mapping, digests, the judged way out.
 */
export async function benchProvision(world: World): Promise<Result[]> {
  say(
    `Accounts of ${people} people at a system that answers at once, against the same statements and calls bare`,
  );
  const answering = await startAnswering();
  const here = await connect(world.url, world.managers[0]!, answering);
  try {
    return await measure(world, here, answering);
  } finally {
    await sql`delete from assignment where entitlement_id = ${here.entitlementId}`.execute(world.db);
    await here.close();
    answering.close();
  }
}

async function measure(world: World, here: Connected, { port }: Answering): Promise<Result[]> {
  const { db, sending, targetId, entitlementId, pool } = here;
  const ids = Array.from({ length: people }, (_, n) => ({
    user: userIdOf(firstPerson + n),
    membership: membershipIdOf(firstPerson + n),
  }));
  await sql`insert into assignment (id, membership_id, entitlement_id, why)
    select gen_random_uuid(), m, ${entitlementId}, 'direct' from unnest(${ids.map(({ membership }) => membership)}::uuid[]) m`.execute(
    db,
  );
  const focus = { users: ids.map(({ user }) => user) };
  const ours: number[] = [];
  const bare: number[] = [];
  let counted = 0;
  for (let round = -1; round < rounds; round += 1) {
    // Ours comes first, for the baseline is what it said; what it wrote is away again before.
    const markId = await begin(here, focus);
    const tape: Statement[] = [];
    const stop = record(pool, tape);
    const start = performance.now();
    await workMark(db, sending.connectors, markId);
    await sendDue(sending, targetId);
    const took = performance.now() - start;
    stop();
    await whole(here);
    await away(here);
    await begin(here, focus, markId);
    const again = await replay(pool, tape, port);
    await whole(here);
    await away(here);
    counted = tape.length;
    if (round < 0) continue;
    ours.push(took);
    bare.push(again);
  }
  const rate = (times: number[]): string => `${Math.round(people / (mean(times) / 1000))} accounts a second`;
  say(`  ours:     ${described(ours)}, ${rate(ours)}`);
  say(`  baseline: ${described(bare)}, ${rate(bare)}`);
  say(`  ${counted} statements in both, ${((counted / people) * 100).toFixed(1)} for 100 accounts`);
  return [
    result(
      `provision: accounts made, ${world.size}`,
      mean(ours) / mean(bare),
      1 / 0.4,
      'x the time of the same statements and calls (mean)',
    ),
    result('provision: statements for 100 accounts', (counted / people) * 100, 30, 'at most'),
  ];
}

/** A change is marked; nothing is at the target yet. */
async function begin({ db, targetId }: Connected, focus: object, markId?: string): Promise<string> {
  await sql`vacuum account, account_attempt, mark, target`.execute(db);
  await mark(db, { ...focus, targetId });
  const { rows } = await sql<{
    id: string;
  }>`select id from mark where focus ->> 'targetId' = ${targetId}`.execute(db);
  if (markId)
    await sql`update mark set id = ${markId}, created_at = remit_now() where id = ${rows[0]!.id}`.execute(db);
  return markId ?? rows[0]!.id;
}

async function away({ db, targetId }: Connected): Promise<void> {
  await sql`delete from account_attempt where account_id in (select id from account where target_id = ${targetId})`.execute(
    db,
  );
  await sql`delete from account where target_id = ${targetId}`.execute(db);
  await sql`update target set batch = 0, batch_until = null, minute_began = null, minute_calls = 0, last_good_at = null
    where id = ${targetId}`.execute(db);
  await sql`delete from pgboss.job where name = 'target'`.execute(db);
}

/** Everybody has their account, written down once, in both ways alike. */
async function whole({ db, targetId }: Connected): Promise<void> {
  const { rows } = await sql<{ accounts: number; attempts: number }>`
    select (select count(*)::int from account where target_id = ${targetId} and stands = 'enabled' and due_at is null
        and leased_until is null and external_id is not null and done_generation = generation) as accounts,
      (select count(*)::int from account_attempt t join account a on a.id = t.account_id where a.target_id = ${targetId}) as attempts`.execute(
    db,
  );
  const { accounts, attempts } = rows[0]!;
  if (accounts !== people || attempts !== people)
    throw new Error(`${accounts} accounts by ${attempts} attempts came of ${people}.`);
}

/** Notes what is asked of the database, in the order in which it is asked. */
function record(pool: Pool, tape: Statement[]): () => void {
  const taken: { client: PoolClient; query: PoolClient['query'] }[] = [];
  const watch = (client: PoolClient): void => {
    if (taken.some((one) => one.client === client)) return;
    const { query } = client;
    taken.push({ client, query });
    // biome-ignore lint/suspicious/noExplicitAny: pg's overloads, handed on as they are
    client.query = ((text: any, values?: any, ...rest: any[]) => {
      if (typeof text === 'string') tape.push({ text, values: Array.isArray(values) ? values : undefined });
      else tape.push({ text: text.text, values: text.values });
      return (query as never as (...all: unknown[]) => unknown).call(client, text, values, ...rest);
    }) as never;
  };
  pool.on('acquire', watch);
  return () => {
    pool.off('acquire', watch);
    for (const { client, query } of taken) client.query = query;
  };
}

const isSettling = ({ text }: Statement): boolean => text.includes('insert into account_attempt');

/**
 * The bare loop. Each batch's calls begin where the sender began them, before its first settling, and a settling comes when
 * so many calls have been answered as it writes accounts down.
 */
async function replay(pool: Pool, tape: readonly Statement[], port: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const client = await pool.connect();
  let calls: ReturnType<typeof call> | undefined;
  let settled = 0;
  try {
    const start = performance.now();
    for (const [at, { text, values }] of tape.entries()) {
      const one = tape[at]!;
      if (isSettling(one)) {
        calls ??= call(agent, port, batchFrom(tape, at));
        settled += writtenBy(one).length;
        await calls.answered(settled);
      } else if (calls) {
        calls = undefined;
        settled = 0;
      }
      await client.query(text, values as never);
    }
    return performance.now() - start;
  } finally {
    client.release();
    agent.destroy();
  }
}

const writtenBy = ({ values }: Statement): { id: string }[] => JSON.parse(values![0] as string);

/** Accounts of the settlings that follow one another from here on. */
function batchFrom(tape: readonly Statement[], from: number): { id: string }[] {
  const accounts: { id: string }[] = [];
  for (const one of tape.slice(from)) {
    if (!isSettling(one)) return accounts;
    accounts.push(...writtenBy(one));
  }
  return accounts;
}

function call(
  agent: Agent,
  port: number,
  accounts: { id: string }[],
): { answered: (n: number) => Promise<void> } {
  const open = accounts.values();
  let done = 0;
  let waiting: { n: number; go: () => void } | undefined;
  let fault: unknown;
  const lane = async (): Promise<void> => {
    for (const { id } of open) {
      await post(agent, port, {
        ref: id,
        on: true,
        name: 'Somebody Jansen',
        mail: `${id}@bench.example`,
        title: 'Member',
      });
      done += 1;
      if (waiting && done >= waiting.n) waiting.go();
    }
  };
  Promise.all(Array.from({ length: lanes }, lane)).catch((error: unknown) => {
    fault = error;
    waiting?.go();
  });
  return {
    async answered(n) {
      if (done < n)
        await new Promise<void>((go) => {
          waiting = { n, go };
        });
      if (fault) throw fault;
    },
  };
}

const post = (agent: Agent, port: number, value: unknown): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify(value);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    request({ agent, host: '127.0.0.1', port, method: 'POST', path: '/users', headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString('utf8'))));
      answer.on('error', reject);
    })
      .on('error', reject)
      .end(body);
  });
