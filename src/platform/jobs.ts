import { CompiledQuery, type Kysely } from 'kysely';
import pg from 'pg';
import { type JobResult, PgBoss, type QueueOptions } from 'pg-boss';
import { insertJobs } from 'pg-boss/dist/plans.js';
import type { DB } from './schema.gen.ts';

const schema = 'pgboss';

/** What waits while nobody works for weeks is still to be done: a job is only ever gone because it was. */
const patient = {
  retryLimit: 100,
  retryBackoff: true,
  retryDelay: 10,
  retryDelayMax: 3600,
  retentionSeconds: 10 * 365 * 86_400,
} as const;

/**
 * Every queue there is. What goes wrong outside (mail down, a target away) is tried again with growing
 * pauses: after 10 s, then up to an hour apart, some four days in all: a weekend
 * without a mail server loses nothing.
 */
export const queues = {
  event: { ...patient, expireInSeconds: 600 },
  /** wakes a request when something is due */
  request: { ...patient, expireInSeconds: 600 },
  /** looks what waits for a webhook; its own schedule decides when each message is tried again */
  webhook: { ...patient, expireInSeconds: 600 },
  /** looks what is due at a target, or turns what a change touched into accounts; never one for each account */
  target: { ...patient, expireInSeconds: 600 },
  /** carries an import of people on, for a slice of its time */
  import: { ...patient, expireInSeconds: 600 },
  /** reads a source of people, or goes on with what it read */
  source: { ...patient, expireInSeconds: 3600 },
} as const satisfies Record<string, QueueOptions>;

export type QueueName = keyof typeof queues;

export type SendOptions = {
  /** seconds the job waits before it may run */
  startAfter?: number;
  /** the instant from which it may run, where that was settled already: seconds would count from this statement */
  at?: Date;
};

/**
 * Puts one job into a queue, in the transaction given: it exists when that commits, and never existed when it
 * does not. Its data is stored as it is, so ids only, no names and no secrets.
 */
export async function sendJob(
  trx: Kysely<DB>,
  queue: QueueName,
  data: object,
  options: SendOptions = {},
): Promise<void> {
  await sendJobs(trx, queue, [data], options);
}

/** The same for many at once, in one statement. */
export async function sendJobs(
  trx: Kysely<DB>,
  queue: QueueName,
  data: readonly object[],
  { startAfter = 0, at }: SendOptions = {},
): Promise<void> {
  const start = at ? at.toISOString() : String(startAfter);
  await insertAll(
    trx,
    queue,
    data.map((one) => ({ data: one, startAfter: start })),
  );
}

/** The same, each at its own instant. */
export const sendJobsAt = (
  trx: Kysely<DB>,
  queue: QueueName,
  jobs: readonly { data: object; at: Date }[],
): Promise<void> =>
  insertAll(
    trx,
    queue,
    jobs.map(({ data, at }) => ({ data, startAfter: at.toISOString() })),
  );

async function insertAll(
  trx: Kysely<DB>,
  queue: QueueName,
  jobs: readonly { data: object; startAfter: string }[],
): Promise<void> {
  if (jobs.length === 0) return;
  // pg-boss's own statement, without an instance of it: a process that only sends (the command line, a test)
  // needs no second pool and no timers.
  const { rows } = await trx.executeQuery(CompiledQuery.raw(insert[queue], [JSON.stringify(jobs)]));
  if (rows.length !== jobs.length) throw new Error(`queue ${queue} is not installed; migrate first`);
}

const insert = Object.fromEntries(
  Object.keys(queues).map((name) => [
    name,
    insertJobs(schema, { table: 'job_common', name, returnId: true, notify: true }),
  ]),
) as Record<QueueName, string>;

/** Makes or updates the queues' tables. Part of `migrate`, under its lock. */
export async function installJobs(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, schema, max: 1, supervise: false, schedule: false });
  boss.on('error', () => {});
  await boss.start();
  try {
    for (const [name, options] of Object.entries(queues)) {
      await boss.createQueue(name, { ...options, notify: true });
      await boss.updateQueue(name, { ...options, notify: true });
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  const client = new pg.Client(url);
  await client.connect();
  try {
    // One clock for SQL and jobs alike: a test that lets ten seconds pass finds what waited ten seconds due.
    await client.query(
      `create or replace function ${schema}.job_now() returns timestamptz language sql stable as 'select public.remit_now()'`,
    );
  } finally {
    await client.end();
  }
}

export type JobHandler = (data: unknown, job: { id: string }) => Promise<void>;

export type JobsHandler = (jobs: readonly { id: string; data: unknown }[]) => Promise<ReadonlySet<string>>;

export type Jobs = {
  /** Runs a queue's jobs, at least once each: a handler must bear being called again with the same data. */
  work(queue: QueueName, handler: JobHandler): Promise<void>;
  /** The same for jobs that are done together, in one transaction or so: the handler says which of them failed. */
  workTogether(queue: QueueName, handler: JobsHandler): Promise<void>;
  /** Takes no further jobs, lets those at work finish (20 s), and closes its connections. */
  stop(): Promise<void>;
};

/**
 * Connects to the queues of a migrated database, with connections of its own.
 * @param onError told about jobs that failed (they are tried again) and about a database that is away
 */
export async function startJobs(url: string, onError: (error: unknown) => void): Promise<Jobs> {
  const boss = new PgBoss({
    connectionString: url,
    schema,
    max: 3,
    application_name: 'remit jobs',
    migrate: false,
    schedule: false,
    useListenNotify: true,
  });
  boss.on('error', onError);
  await boss.start();
  const options = {
    // A notification wakes a worker at once; the interval is for jobs that waited for their time, which are so much late.
    pollingIntervalSeconds: 0.5,
    notifyPollingIntervalSeconds: 0.5,
    burstWhenBatchFull: true,
    perJobResults: true,
  } as const;
  return {
    async work(queue, handler) {
      await boss.work<unknown>(queue, { ...options, batchSize: 20 }, async (jobs) => {
        const results: JobResult[] = [];
        // Each is settled by itself, a few at a time: a poison job takes no good one with it, a slow one holds up few.
        const open = jobs.values();
        const lane = async (): Promise<void> => {
          for (const { id, data } of open) {
            try {
              await handler(data, { id });
              results.push({ id, status: 'completed' });
            } catch (error) {
              onError(error);
              results.push({ id, status: 'failed' });
            }
          }
        };
        await Promise.all([lane(), lane(), lane(), lane()]);
        return results;
      });
    },
    async workTogether(queue, handler) {
      await boss.work<unknown>(queue, { ...options, batchSize: 100 }, async (jobs) => {
        const failed = await handler(jobs);
        return jobs.map(({ id }): JobResult => ({ id, status: failed.has(id) ? 'failed' : 'completed' }));
      });
    },
    stop: () => boss.stop({ graceful: true, timeout: 20_000 }),
  };
}
