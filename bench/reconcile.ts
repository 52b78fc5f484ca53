import { Agent, get } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sql } from 'kysely';
import { openDatabase } from '../src/platform/database.ts';
import { migrate } from '../src/platform/migrate.ts';
import { reconcile } from '../src/provisioning/reconciling/reconcile.ts';
import { askForRun } from '../src/provisioning/reconciling/reconcile-rows.ts';
import type { Kept } from './answering.ts';
import { type Answering, type Connected, connect, startAnswering } from './connected.ts';
import { generate } from './generate.ts';
import { described, interleaved, mean } from './measure.ts';
import { type Result, result, say } from './result.ts';

const people = 100_000;
const pageSize = 500;
/** of so many accounts one there has another title, one is gone, and one is nobody's */
const everyOther = 1_000;
const rounds = 2;

/** MB of live heap above the start, by a collection forced again and again while it runs. */
const goalHeap = 64;
/** Every row is judged by rights, rules and mapping, which the bare loop does not know. */
const goalTime = 20;

/**
 * A system with 100,000 accounts is read page by page over HTTP and set against what should be there: what it holds in
 * memory, that a second look writes nothing, and its time against a bare loop that reads the same pages, the same rows,
 * and compares them.
 */
export async function benchReconcile(server: { url: (name: string) => Promise<string> }): Promise<Result[]> {
  say(`A comparison of ${people.toLocaleString('en')} accounts with what is at a system, page by page`);
  const url = await server.url('reconcile');
  await migrate(url);
  const filling = openDatabase(url, { max: 1 });
  const { managers } = await generate(filling.db, { organizations: 1_000, people, depth: 8 });
  await filling.close();
  const answering = await startAnswering();
  const here = await connect(url, managers[0]!, answering);
  try {
    await fill(here, answering);
    return await measure(here, answering);
  } finally {
    await here.close();
    answering.close();
  }
}

/** Everybody has an account, and it is as it should be, but for a few. */
async function fill({ db, pool, targetId, entitlementId }: Connected, answering: Answering): Promise<void> {
  await sql`set statement_timeout = 0`.execute(db);
  await sql`insert into assignment (id, membership_id, entitlement_id, why)
    select gen_random_uuid(), id, ${entitlementId}, 'direct' from membership where not further`.execute(db);
  await sql`insert into account (id, target_id, user_id, correlation, external_id, wanted, stands, there_digest, done_generation,
      marked_at, last_at)
    select gen_random_uuid(), ${targetId}, id, id::text, 'u' || id, 'enabled', 'enabled', 'x', 1, remit_now() - interval '1 day',
      remit_now() - interval '1 day' from app_user`.execute(db);
  await sql`vacuum analyze`.execute(db);
  const { rows } = await pool.query<{ id: string; name: string; mail: string }>(
    'select id, display_name as name, email as mail from app_user order by id',
  );
  let part: Kept[] = [];
  for (const [n, { id, name, mail }] of rows.entries()) {
    const odd = n % everyOther;
    if (odd === 2) continue;
    part.push({ id: `u${id}`, ref: id, on: true, name, mail, title: odd === 1 ? 'Boss' : 'Member' });
    if (odd === 3) part.push({ id: `x${n}`, ref: `nobody-${n}`, on: true, name, mail, title: '' });
    if (part.length < 5_000) continue;
    await answering.holds(part);
    part = [];
  }
  await answering.holds(part);
}

async function measure(here: Connected, answering: Answering): Promise<Result[]> {
  const found = (people / everyOther) * 3;
  const first = await withMemory(() => compareOnce(here));
  const state = await written(here);
  if (state.differences !== found)
    throw new Error(`${state.differences} differences were found of ${found}.`);
  const second = await withMemory(() => compareOnce(here));
  const writes = (await written(here)).rows === state.rows ? 0 : 1;
  const times = await interleaved(
    [{ ours: () => compareOnce(here), baseline: () => bare(here, answering) }],
    { rounds, warmUp: 0 },
  );
  if ((await written(here)).rows !== state.rows) throw new Error('A later comparison wrote something.');
  const heap = Math.max(first, second);
  say(`  ${found} differences written by the first, ${writes} by the second`);
  say(`  live heap ${heap.toFixed(1)} MB above the start at most`);
  say(`  ours:     ${described(times.ours)}`);
  say(`  baseline: ${described(times.baseline)}`);
  say(`  ${Math.round(people / (mean(times.ours) / 1000)).toLocaleString('en')} accounts a second`);
  return [
    result('reconcile: live heap above the start', heap, goalHeap, `MB at most, ${people} accounts`),
    result('reconcile: rows that a second run changes', writes, 0, 'of accounts and differences'),
    result(
      'reconcile: time',
      mean(times.ours) / mean(times.baseline),
      goalTime,
      'x a bare loop over the same pages and rows (mean)',
    ),
  ];
}

async function compareOnce({ db, sending, targetId }: Connected): Promise<void> {
  const { id } = await askForRun(db, targetId, null);
  await reconcile(sending, id);
  await sql`delete from pgboss.job where name = 'target'`.execute(db);
  const { rows } = await sql<{ state: string; read: number; problem: string | null }>`
    select state, read, problem from reconcile_run where id = ${id}`.execute(db);
  const [run] = rows;
  if (run?.state !== 'done' || run.read !== people)
    throw new Error(`The comparison came to ${run?.state} (${run?.problem}) with ${run?.read} read.`);
}

/** What stands about accounts, by the transactions that last wrote each row. */
async function written({ db, targetId }: Connected): Promise<{ differences: number; rows: string }> {
  const { rows } = await sql<{ differences: number; rows: string }>`
    select (select count(*)::int from difference where target_id = ${targetId}) as differences,
      (select md5(string_agg(a.xmin::text, ',' order by a.id)) from account a where a.target_id = ${targetId})
      || coalesce((select md5(string_agg(d.xmin::text, ',' order by d.id)) from difference d where d.target_id = ${targetId}), '') as rows`.execute(
    db,
  );
  return rows[0]!;
}

/** @returns MB that were in use above the start at most, right after collections that were forced meanwhile */
async function withMemory(work: () => Promise<void>): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed / 1024 / 1024;
  };
  const before = used();
  let most = 0;
  const sampling = setInterval(() => {
    most = Math.max(most, used() - before);
  }, 200);
  try {
    await work();
  } finally {
    clearInterval(sampling);
  }
  return most;
}

/** The same pages by Node's own client, the same accounts with their people by one statement a page, each value compared. */
async function bare({ pool, targetId }: Connected, { port }: Answering): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  let differing = 0;
  let read = 0;
  try {
    for (;;) {
      const { users, total } = JSON.parse(await page(agent, port, read)) as { users: Kept[]; total: number };
      read += users.length;
      const { rows } = await pool.query<Kept & { account: string }>(
        `select a.id as account, a.external_id as id, u.display_name as name, u.email as mail, m.title, a.stands = 'enabled' as on
         from account a join app_user u on u.id = a.user_id join membership m on m.user_id = u.id and not m.further
         where a.target_id = $1 and a.external_id = any ($2::text[])`,
        [targetId, users.map(({ id }) => id)],
      );
      const known = new Map(rows.map((row) => [row.id, row]));
      for (const one of users) {
        const should = known.get(one.id);
        if (
          should?.name !== one.name ||
          should.mail !== one.mail ||
          should.title !== one.title ||
          should.on !== one.on
        )
          differing += 1;
      }
      if (read >= total) break;
    }
  } finally {
    agent.destroy();
  }
  if (read !== people || differing !== (people / everyOther) * 2)
    throw new Error(`The baseline read ${read} and found ${differing}.`);
}

const page = (agent: Agent, port: number, from: number): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ agent, host: '127.0.0.1', port, path: `/users?from=${from}&size=${pageSize}` }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
      answer.on('error', reject);
    }).on('error', reject);
  });
