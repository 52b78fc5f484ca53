import { type Kysely, sql } from 'kysely';
import { newId } from '../../platform/ids.ts';
import { sendJob } from '../../platform/jobs.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { RunCounts } from './fields.ts';
import type { RunProblem } from './problems.ts';
import type { Cursor } from './reading.ts';

/**
 * The readings of a source, one at a time. A process holds one by a lease; whoever finds it over begins to read anew, or
 * goes on with what was being written.
 */
type Db = Kysely<DB>;

export const leaseSeconds = 120;
/** A reading that so many processes died of is given up. */
const mostTries = 5;
/** While it waits for a person it is read anew this often: the question is about what is there now. */
const heldHours = 1;

export type Run = {
  id: string;
  sourceId: string;
  state: 'reading' | 'writing';
  incremental: boolean;
  importId: string | null;
  counts: Partial<RunCounts>;
  lease: number;
};

/** Asks for a reading; one that is under way is answered instead, and one that waits for a person gives way. */
export async function askForRun(
  db: Db,
  sourceId: string,
  { incremental, askedBy }: { incremental: boolean; askedBy: string | null },
): Promise<{ id: string; made: boolean }> {
  await giveUp(db, sourceId, ['held']);
  const id = newId();
  const { rows } = await sql<{ id: string }>`
    insert into source_run (id, source_id, incremental, asked_by) values (${id}, ${sourceId}, ${incremental}, ${askedBy})
    on conflict (source_id) where state in ('waiting', 'reading', 'held', 'writing') do nothing returning id`.execute(
    db,
  );
  if (rows.length > 0) {
    await sendJob(db, 'source', { sourceRunId: id });
    return { id, made: true };
  }
  const under = await sql<{ id: string }>`
    select id from source_run where source_id = ${sourceId} order by id desc limit 1`.execute(db);
  return { id: under.rows[0]!.id, made: false };
}

/** Nothing more is done by a reading in one of these states, and by what it had brought in so far. */
export async function giveUp(
  db: Db,
  sourceId: string,
  states: readonly ('waiting' | 'reading' | 'held' | 'writing')[],
): Promise<void> {
  const { rows } = await sql<{ importId: string | null }>`
    update source_run set state = 'over', finished_at = remit_now(), leased_until = null
    where source_id = ${sourceId} and state = any (${states}::text[]) returning import_id as "importId"`.execute(
    db,
  );
  await dropImports(
    db,
    rows.flatMap(({ importId }) => importId ?? []),
  );
}

async function dropImports(db: Db, importIds: readonly string[]): Promise<void> {
  await sql`update people_import set state = 'canceled', finished_at = remit_now(), version = version + 1
    where id = any (${importIds}::uuid[]) and state not in ('done', 'failed', 'canceled')`.execute(db);
}

/** Takes a reading that nobody is at. What somebody else had read is forgotten; what was being written goes on. */
export async function claimRun(db: Db, runId: string): Promise<Run | undefined> {
  const run = await db.transaction().execute(async (trx) => {
    const { rows } = await sql<Run>`
      update source_run set state = case when state = 'writing' then 'writing' else 'reading' end, lease = lease + 1,
        leased_until = remit_now() + make_interval(secs => ${leaseSeconds})
      where id = ${runId} and state in ('waiting', 'reading', 'writing') and coalesce(leased_until, '-infinity') <= remit_now()
      returning id, source_id as "sourceId", state, incremental, import_id as "importId", counts, lease`.execute(
      trx,
    );
    const [found] = rows;
    if (found?.state === 'reading') {
      await sql`update source_run set read = 0, off = 0, import_id = null where id = ${runId}`.execute(trx);
      await sql`delete from source_member where run_id = ${runId}`.execute(trx);
      if (found.importId) await dropImports(trx, [found.importId]);
      found.importId = null;
    }
    return found;
  });
  if (!run || run.lease <= mostTries) return run;
  await failRun(db, run, { code: 'fault' });
  return undefined;
}

/** Says that this process is still there. @returns false when it is another's by now, or given up */
export async function keep(db: Db, run: Run, read = 0, off = 0): Promise<boolean> {
  const { rows } = await sql`
    update source_run set read = read + ${read}::int, off = off + ${off}::int,
      leased_until = remit_now() + make_interval(secs => ${leaseSeconds})
    where id = ${run.id} and lease = ${run.lease} and state in ('reading', 'writing') returning id`.execute(
    db,
  );
  return rows.length > 0;
}

/**
 * Nothing follows from what was not read to its end (I48). The next one comes later each time.
 * @returns false when it is another's by now, or given up
 */
export async function failRun(db: Db, run: Run, problem: RunProblem): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ importId: string | null }>`
      update source_run set state = 'failed', problem = ${JSON.stringify(problem)}::jsonb, leased_until = null, finished_at = remit_now()
      where id = ${run.id} and lease = ${run.lease} and state in ('reading', 'writing') returning import_id as "importId"`.execute(
      trx,
    );
    if (rows.length === 0) return false;
    await sql`delete from source_member where run_id = ${run.id}`.execute(trx);
    if (rows[0]!.importId) await dropImports(trx, [rows[0]!.importId]);
    await sql`
      update source set failing_since = coalesce(failing_since, remit_now()), failures = failures + 1,
        next_at = remit_now() + least(make_interval(mins => every_minutes) * power(2, least(failures, 10)), interval '1 day')
      where id = ${run.sourceId}`.execute(trx);
    return true;
  });
}

/** What was read is written: this reading is over, and the next one begins where it ended. */
export async function finishRun(db: Db, run: Run, counts: RunCounts): Promise<boolean> {
  const { rows } = await sql<{ cursor: Cursor | null }>`
    update source_run set state = 'done', counts = ${JSON.stringify(counts)}::jsonb, leased_until = null, finished_at = remit_now()
    where id = ${run.id} and lease = ${run.lease} and state = 'writing' returning cursor`.execute(db);
  if (rows.length === 0) return false;
  await sql`delete from source_member where run_id = ${run.id}`.execute(db);
  const cursor = rows[0]!.cursor;
  await sql`update source set cursor = ${cursor && JSON.stringify(cursor)}::jsonb, failing_since = null, failures = 0, held_at = null, told = '{}',
      last_good_at = remit_now(), next_at = remit_now() + make_interval(mins => every_minutes),
      next_whole_at = case when ${run.incremental} then next_whole_at else remit_now() + make_interval(hours => whole_hours) end
    where id = ${run.sourceId}`.execute(db);
  return true;
}

/** @returns false when it is another's by now, or given up */
export async function holdRun(db: Db, run: Run, counts: RunCounts): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    const { rows } = await sql`
      update source_run set state = 'held', counts = ${JSON.stringify(counts)}::jsonb, leased_until = null
      where id = ${run.id} and lease = ${run.lease} and state = 'reading' returning id`.execute(trx);
    if (rows.length === 0) return false;
    await sql`update source set held_at = coalesce(held_at, remit_now()), failing_since = null, failures = 0,
        told = told - '{failed,failing}'::text[],
        next_at = remit_now() + greatest(make_interval(mins => every_minutes), make_interval(hours => ${heldHours}))
      where id = ${run.sourceId}`.execute(trx);
    return true;
  });
}

/** Begins the readings whose time has come. Several processes may: there is one reading of a source at a time. */
export async function startDue(db: Db): Promise<void> {
  const { rows } = await sql<{ id: string; incremental: boolean }>`
    select s.id, s.cursor is not null and s.next_whole_at > remit_now() as incremental from source s
    where s.state = 'active' and s.next_at <= remit_now()
      and not exists (select 1 from source_run r where r.source_id = s.id and r.state in ('waiting', 'reading', 'writing'))
    order by s.next_at limit 200`.execute(db);
  for (const { id, incremental } of rows)
    await db.transaction().execute((trx) => askForRun(trx, id, { incremental, askedBy: null }));
}

/** Readings whose job is gone, or whose process has died. */
export async function lostRuns(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from source_run where state in ('waiting', 'reading', 'writing')
      and coalesce(leased_until, created_at + interval '1 minute') < remit_now() order by id limit 100`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}
