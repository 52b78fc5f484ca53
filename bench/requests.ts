import { sql } from 'kysely';
import { PgBoss } from 'pg-boss';
import { userList } from '../src/directory/operations/user.list.ts';
import { run, type Services } from '../src/operation/pipeline.ts';
import { readConfig } from '../src/platform/config.ts';
import { type Database, openDatabase } from '../src/platform/database.ts';
import { newId } from '../src/platform/ids.ts';
import { type Jobs, sendJobsAt, startJobs } from '../src/platform/jobs.ts';
import { requestList } from '../src/requests/operations/request.list.ts';
import { usualStep } from '../src/requests/policy.ts';
import { wakeMany } from '../src/requests/wake.ts';
import type { Manager } from './generate.ts';
import { described, interleaved, mean, percentile } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, result, say } from './result.ts';
import type { World } from './world.ts';

/** Open requests: how late their timers are, how quickly many are woken, what a claim and a page of the inbox cost. */
export async function benchRequests(small: World, large: World): Promise<Result[]> {
  const worlds = small === large ? [large] : [small, large];
  for (const world of worlds) await withTimers(world);
  const results = [await inbox(large)];
  if (small !== large) results.push(await claims(small, large));
  results.push(await lateness(large), ...(await drain(large)));
  return results;
}

const servicesOf = (world: World, { db }: Pick<Database, 'db'>): Services => ({
  db,
  config: { ...readConfig({ REMIT_LOG_LEVEL: 'silent' }), databaseUrl: world.url },
  subscribers: [],
});

const openIn = async ({ db }: World): Promise<number> => {
  const { rows } = await sql<{
    n: number;
  }>`select count(*)::int as n from request where state = 'open'`.execute(db);
  return rows[0]!.n;
};

/** The job of each open request, a week from now, as asking for it would have left it. */
async function withTimers({ db }: World): Promise<void> {
  await sql`update request set next_at = level_at + interval '7 days' where state = 'open'`.execute(db);
  await sql`
    insert into pgboss.job_common (id, name, data, start_after, keep_until, retry_limit, expire_seconds, deletion_seconds, policy)
    select gen_random_uuid(), 'request', jsonb_build_object('requestId', id), next_at, next_at + interval '10 years', 100, 600, 600, 'standard'
    from request where state = 'open'`.execute(db);
  await sql`vacuum analyze request`.execute(db);
  await sql`vacuum analyze pgboss.job_common`.execute(db);
}

async function inbox(world: World): Promise<Result> {
  const open = await openIn(world);
  say(
    `A page of 50 of a manager's inbox, ${open} requests open, against the page of people of the same manager`,
  );
  // As many as a page asks for at once: both may.
  const database = openDatabase(world.url, { max: 4 });
  const services = servicesOf(world, database);
  const as = ({ membershipId }: Manager) =>
    ({ credential: { kind: 'membership', membershipId }, requestId: 'bench' }) as const;
  const managers = sample(world.managers.slice(1), 60, seeded(41)).concat(world.managers[0]!);
  const run60 = await interleaved(
    managers.map((manager) => ({
      ours: () => run(services, requestList, { ...as(manager), input: { box: 'inbox', limit: 50 } }),
      baseline: () =>
        run(services, userList, { ...as(manager), input: { organizationId: manager.place.id, limit: 50 } }),
    })),
    { rounds: 6, warmUp: 2 },
  );
  await database.close();
  say(`  inbox ${described(run60.ours)}\n  people ${described(run60.baseline)}`);
  const worst = Math.max(...run60.byPair.map(({ ours, baseline }) => mean(ours) / mean(baseline)));
  say(`  worst manager ${worst.toFixed(2)}x`);
  return result(
    `inbox page, ${open} requests open`,
    mean(run60.ours) / mean(run60.baseline),
    1.5,
    'x the people page',
  );
}

/** What taking a hundred due jobs costs beside so many that wait. */
async function claims(small: World, large: World): Promise<Result> {
  say('Claiming 100 due timers, with the jobs of all open requests waiting');
  const claimers = await Promise.all([large, small].map(claimer));
  const [ours, baseline] = [claimers[0]!, claimers[1]!];
  const runs = { ours: [] as number[], baseline: [] as number[] };
  for (let round = -5; round < 60; round += 1)
    for (const [name, one] of Object.entries({ ours, baseline })) {
      const took = await one.claim();
      if (round >= 0) runs[name as keyof typeof runs].push(took);
    }
  for (const one of claimers) await one.close();
  say(
    `  ${await openIn(large)} open: ${described(runs.ours)}\n  ${await openIn(small)} open: ${described(runs.baseline)}`,
  );
  return result(
    `claim of timers, ${await openIn(large)} open`,
    percentile(runs.ours, 0.5) / percentile(runs.baseline, 0.5),
    1.2,
    `x with ${await openIn(small)}`,
  );
}

async function claimer({ db, url }: World) {
  const boss = new PgBoss({
    connectionString: url,
    schema: 'pgboss',
    max: 1,
    migrate: false,
    schedule: false,
    supervise: false,
  });
  boss.on('error', () => {});
  await boss.start();
  return {
    async claim(): Promise<number> {
      const now = new Date(Date.now() - 1000);
      await sendJobsAt(
        db,
        'request',
        Array.from({ length: 100 }, () => ({ data: { requestId: newId() }, at: now })),
      );
      const started = performance.now();
      const jobs = await boss.fetch('request', { batchSize: 100 });
      const took = performance.now() - started;
      if (jobs.length !== 100) throw new Error(`claimed ${jobs.length} of 100`);
      await boss.deleteJob(
        'request',
        jobs.map(({ id }) => id),
      );
      return took;
    },
    close: () => boss.stop({ graceful: false }),
  };
}

/** Works the queue of requests, and says of each when it was done. */
async function worker(world: World, database: Database, done: (requestIds: string[]) => void): Promise<Jobs> {
  const services = servicesOf(world, database);
  const fault = (error: unknown): void => say(`  FAULT: ${String(error)}`);
  const jobs = await startJobs(world.url, fault);
  await jobs.workTogether('request', async (due) => {
    const ids = due.map(({ data }) => (data as { requestId: string }).requestId);
    await wakeMany(services, ids, fault);
    done(ids);
    return new Set();
  });
  return jobs;
}

/** Lets requests be due at given instants: to be reminded of, or to be asked of others, too, who are looked up then. */
async function makeDue(
  { db }: World,
  due: { id: string; at: Date }[],
  what: 'reminder' | 'escalation' = 'reminder',
): Promise<void> {
  // By the clock, so that it comes at that very instant: ten hours a level, with a reminder after nine.
  const levels = usualStep.levels.map((level) => ({ ...level, due: { hours: 10 } }));
  const plan = JSON.stringify([{ ...usualStep, remind: [{ hours: 1 }], levels }]);
  const begun = sql`r.at - make_interval(hours => ${what === 'reminder' ? 9 : 10})`;
  await sql`
    update request q set plan = ${plan}::jsonb, level_at = ${begun}, done_until = r.at - interval '1 second',
      deadline = r.at + interval '30 days', next_at = r.at, step = 0, level = 0
    from jsonb_to_recordset(${JSON.stringify(due)}::jsonb) as r (id uuid, at timestamptz) where q.id = r.id`.execute(
    db,
  );
  await sendJobsAt(
    db,
    'request',
    due.map(({ id, at }) => ({ data: { requestId: id }, at })),
  );
}

const someOpen = async ({ db }: World, many: number): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select id from request where state = 'open' and next_at > remit_now() + interval '5 days' order by id limit ${many}`.execute(
    db,
  );
  return rows.map(({ id }) => id);
};

async function lateness(world: World): Promise<Result> {
  const many = 200;
  const spread = 60_000;
  say(
    `How late a timer is while nothing else is due: ${many} within ${spread / 1000} s, beside ${await openIn(world)} open requests`,
  );
  const random = seeded(43);
  const start = Date.now() + 2_000;
  const due = (await someOpen(world, many)).map((id) => ({
    id,
    at: new Date(start + Math.floor(random() * spread)),
  }));
  const database = openDatabase(world.url, { max: 4 });
  const late: number[] = [];
  const all = Promise.withResolvers<void>();
  const at = new Map(due.map((one) => [one.id, one.at.getTime()]));
  const jobs = await worker(world, database, (ids) => {
    const now = Date.now();
    for (const id of ids) if (at.has(id)) late.push(now - at.get(id)!);
    if (late.length >= due.length) all.resolve();
  });
  await makeDue(world, due);
  await all.promise;
  await jobs.stop();
  await database.close();
  say(`  ${described(late)}, p99 ${percentile(late, 0.99).toFixed(0)} ms`);
  return result('timers when idle, late at p99', percentile(late, 0.99), 1_000, 'ms');
}

/**
 * All due in the same second: woken by us, against plain jobs of pg-boss that write as much: the row, its event and its
 * next job, in a transaction each, by as many lanes as ours has for other queues.
 */
async function drain(world: World): Promise<Result[]> {
  const all = await someOpen(world, 12_000);
  const many = Math.floor((all.length * 5) / 6);
  const [ids, others] = [all.slice(0, many), all.slice(many)];
  say(`${ids.length} timers due in the same second, against plain jobs that write as much`);
  const plain = await drainPlain(world, ids);
  const reminders = await drainOurs(world, ids, 'reminder');
  const escalations = await drainOurs(world, others, 'escalation');
  say(`  plain ${plain.toFixed(0)}/s; reminders ${reminders.toFixed(0)}/s`);
  say(
    `  ${others.length} escalations, each of which looks up who may decide now: ${escalations.toFixed(0)}/s`,
  );
  const unit = 'x the time of plain jobs with the same writes';
  return [
    result('reminders due at once, drained', plain / reminders, 1 / 0.7, unit),
    result('escalations due at once, drained', plain / escalations, 1 / 0.7, unit),
  ];
}

/** @returns how many a second */
async function drainOurs(world: World, ids: string[], what: 'reminder' | 'escalation'): Promise<number> {
  const now = Date.now();
  await makeDue(
    world,
    ids.map((id, n) => ({ id, at: new Date(now - 1000 + (n % 1000)) })),
    what,
  );
  const database = openDatabase(world.url, { max: 4 });
  const left = new Set(ids);
  const all = Promise.withResolvers<void>();
  const started = performance.now();
  const jobs = await worker(world, database, (woken) => {
    for (const id of woken) left.delete(id);
    if (left.size === 0) all.resolve();
  });
  await all.promise;
  const took = performance.now() - started;
  await jobs.stop();
  const type = what === 'reminder' ? 'request.reminded' : 'request.escalated';
  const { rows } = await sql<{ n: number }>`
    select count(distinct target_id)::int as n from event where type = ${type} and target_id = any (${ids}::uuid[])`.execute(
    database.db,
  );
  await database.close();
  if (rows[0]!.n !== ids.length) throw new Error(`${what}: ${rows[0]!.n} of ${ids.length} happened`);
  return (ids.length / took) * 1000;
}

/** @returns how many a second */
async function drainPlain({ db, url }: World, ids: string[]): Promise<number> {
  await sql`create table plain_event (like event including all)`.execute(db);
  await sendJobsAt(
    db,
    'event',
    ids.map((id) => ({ data: { id }, at: new Date(Date.now() - 1000) })),
  );
  const database = openDatabase(url, { max: 4 });
  const all = Promise.withResolvers<void>();
  let left = ids.length;
  const started = performance.now();
  const jobs = await startJobs(url, (error) => all.reject(error));
  await jobs.work('event', async (data) => {
    const { id } = data as { id: string };
    await database.db.transaction().execute(async (trx) => {
      await sql`update request set level_at = remit_now(), done_until = remit_now(), next_at = remit_now() + interval '7 days' where id = ${id}`.execute(
        trx,
      );
      await sql`insert into plain_event (id, at, type, operation, actor_kind, delegations, organization_id, path, target_kind, target_id, before, after, request_id)
        select ${newId()}, remit_now(), 'request.reminded', 'plain', 'system', '{}', q.organization_id, q.path, 'request', q.id,
          '{"state": "open"}', '{"state": "open"}', 'bench' from request q where q.id = ${id}`.execute(trx);
      await sendJobsAt(trx, 'event', [{ data: { id }, at: new Date(Date.now() + 7 * 86_400_000) }]);
    });
    left -= 1;
    if (left === 0) all.resolve();
  });
  await all.promise;
  const took = performance.now() - started;
  await jobs.stop();
  await database.close();
  await sql`drop table plain_event`.execute(db);
  return (ids.length / took) * 1000;
}
