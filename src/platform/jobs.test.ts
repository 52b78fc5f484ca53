import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/database.ts';
import { passTime } from './clock.ts';
import { type JobHandler, type Jobs, sendJob, sendJobs, startJobs } from './jobs.ts';

let database: TestDatabase;
let jobs: Jobs | undefined;
beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  await jobs?.stop();
  jobs = undefined;
  await sql`delete from pgboss.job`.execute(database.db);
});
afterAll(() => database.drop());

const waiting = async () =>
  (
    await sql<{ data: unknown }>`select data from pgboss.job where state = 'created' order by id`.execute(
      database.db,
    )
  ).rows;

/** Starts a worker and resolves with the data of the first `count` jobs that `handler` let through. */
async function firstOf(count: number, handler: JobHandler = async () => {}): Promise<unknown[]> {
  const seen: unknown[] = [];
  const enough = Promise.withResolvers<void>();
  jobs = await startJobs(database.url, () => {});
  await jobs.work('event', async (data, job) => {
    await handler(data, job);
    seen.push(data);
    if (seen.length === count) enough.resolve();
  });
  await enough.promise;
  return seen;
}

it('exists with the commit of its transaction, and is gone with a rollback', async () => {
  await database.db.transaction().execute(async (trx) => {
    await sendJob(trx, 'event', { n: 1 });
    expect(await waiting()).toEqual([]);
  });
  const rolledBack = database.db.transaction().execute(async (trx) => {
    await sendJob(trx, 'event', { n: 2 });
    throw new Error('no');
  });
  await expect(rolledBack).rejects.toThrow('no');
  expect(await waiting()).toEqual([{ data: { n: 1 } }]);
  expect(await firstOf(1)).toEqual([{ n: 1 }]);
});

it('runs what was sent while nobody worked, and what is sent while somebody does', async () => {
  await sendJob(database.db, 'event', { n: 1 });
  const seen = firstOf(2, async (data) => {
    if ((data as { n: number }).n === 1) await sendJob(database.db, 'event', { n: 2 });
  });
  expect(await seen).toEqual([{ n: 1 }, { n: 2 }]);
});

it('takes many in one statement and works them off without pauses', async () => {
  const many = Array.from({ length: 500 }, (_, n) => ({ n }));
  await sendJobs(database.db, 'event', many);
  const started = performance.now();
  expect(new Set((await firstOf(500)).map((data) => (data as { n: number }).n)).size).toBe(500);
  // one job a poll would take minutes
  expect(performance.now() - started).toBeLessThan(15_000);
});

it('waits for its time by the one clock', async () => {
  await sendJob(database.db, 'event', { n: 'later' }, { startAfter: 3600 });
  await sendJob(database.db, 'event', { n: 'now' });
  expect(await firstOf(1)).toEqual([{ n: 'now' }]);
  await jobs?.stop();
  await passTime(database.db, 3600);
  expect(await firstOf(1)).toEqual([{ n: 'later' }]);
});

it('is tried again some time after a failure, and takes no other with it', async () => {
  await sendJobs(database.db, 'event', [{ n: 'poison' }, { n: 'good' }]);
  const failing: JobHandler = async (data) => {
    if ((data as { n: string }).n === 'poison') throw new Error('the mail server is away');
  };
  expect(await firstOf(1, failing)).toEqual([{ n: 'good' }]);
  await jobs?.stop();
  await passTime(database.db, 60);
  expect(await firstOf(1)).toEqual([{ n: 'poison' }]);
});

it('refuses to lose a job when the queues are not installed', async () => {
  await sql`delete from pgboss.queue`.execute(database.db);
  await expect(sendJob(database.db, 'event', { n: 1 })).rejects.toThrow('queue event is not installed');
});
