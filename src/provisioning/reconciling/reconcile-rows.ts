import { type Kysely, type RawBuilder, sql } from 'kysely';
import { newId } from '../../platform/ids.ts';
import { sendJob } from '../../platform/jobs.ts';
import type { DB } from '../../platform/schema.gen.ts';

type Db = Kysely<DB>;

/** A run is its process's for so long after each page; who comes after begins to read anew. Seconds. */
const leaseSeconds = 120;

/** A run that so many processes died of is given up. */
const mostTries = 5;

export type Run = { id: string; targetId: string; lease: number; createdAt: Date };

/** Asks for a comparison; one that is under way already is answered instead. */
export async function askForRun(
  db: Db,
  targetId: string,
  askedBy: string | null,
): Promise<{ id: string; made: boolean }> {
  const id = newId();
  const { rows } = await sql<{ id: string }>`
    insert into reconcile_run (id, target_id, asked_by) values (${id}, ${targetId}, ${askedBy})
    on conflict (target_id) where state in ('waiting', 'reading', 'comparing') do nothing returning id`.execute(
    db,
  );
  if (rows.length > 0) {
    await sendJob(db, 'target', { reconcileRunId: id });
    return { id, made: true };
  }
  const under = await sql<{ id: string }>`
    select id from reconcile_run where target_id = ${targetId} order by id desc limit 1`.execute(db);
  return { id: under.rows[0]!.id, made: false };
}

/** Takes a run that nobody is at. What somebody else had read is forgotten: a half list cannot be gone on from. */
export async function claimRun(db: Db, runId: string): Promise<Run | undefined> {
  return await db.transaction().execute(async (trx) => {
    const { rows } = await sql<Run>`
      update reconcile_run set state = 'reading', read = 0, total = null, lease = lease + 1,
        leased_until = remit_now() + make_interval(secs => ${leaseSeconds})
      where id = ${runId} and state in ('waiting', 'reading', 'comparing') and coalesce(leased_until, '-infinity') <= remit_now()
      returning id, target_id as "targetId", lease, created_at as "createdAt"`.execute(trx);
    const [run] = rows;
    if (!run) return undefined;
    await sql`delete from reconcile_seen where run_id = ${runId}`.execute(trx);
    if (run.lease <= mostTries) return run;
    await failRun(trx, run, 'fault');
    return undefined;
  });
}

/** Runs whose job is gone, or whose process has died. */
export async function lostRuns(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from reconcile_run where state in ('waiting', 'reading', 'comparing')
      and coalesce(leased_until, created_at + interval '1 minute') < remit_now() order by id limit 100`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

export type SeenRow = {
  externalId: string;
  /** of what is nobody's; of an account it stands with the account */
  correlation: string | null;
  accountId: string | null;
  enabled: boolean;
  fields: string[];
  takes: boolean;
  likeness: string | null;
};

/** Writes a page down. @returns false when the run is somebody else's by now */
export async function keepPage(
  db: Db,
  run: Run,
  seen: readonly SeenRow[],
  total: number | undefined,
): Promise<boolean> {
  // One statement: whoever lost the run writes nothing, and a page costs one way to the database and one commit.
  const { rows } = await sql<{ n: number }>`
    with mine as (
      update reconcile_run set read = read + ${seen.length}::int, total = coalesce(${total ?? null}::int, total),
        leased_until = remit_now() + make_interval(secs => ${leaseSeconds})
      where id = ${run.id} and lease = ${run.lease} and state = 'reading' returning id),
    kept as (
      insert into reconcile_seen (run_id, external_id, correlation, account_id, enabled, fields, takes, likeness)
      select mine.id, r."externalId", r.correlation, r."accountId", r.enabled,
        case when r.fields = '[]' then '{}' else array(select jsonb_array_elements_text(r.fields)) end, r.takes, r.likeness
      from mine, jsonb_to_recordset(${JSON.stringify(seen)}::jsonb) as r ("externalId" text, correlation text, "accountId" uuid,
        enabled boolean, fields jsonb, takes boolean, likeness text)
      -- what moved from one page to another while they were read
      on conflict (run_id, external_id) do nothing)
    select count(*)::int as n from mine`.execute(db);
  return rows[0]!.n > 0;
}

/** Nothing follows from what was not read to its end (I48): no difference comes, and none goes. */
export async function failRun(db: Db, run: Pick<Run, 'id' | 'lease'>, problem: string): Promise<void> {
  await sql`
    with failed as (
      update reconcile_run set state = 'failed', problem = ${problem}, leased_until = null, finished_at = remit_now()
      where id = ${run.id} and lease = ${run.lease} and state in ('reading', 'comparing') returning id)
    delete from reconcile_seen s using failed f where s.run_id = f.id`.execute(db);
}

/**
 * Those of whom nothing can be said by this list: something is being done about them, was since it was asked for, or waits
 * for a person already. What is only to be read once more later is not.
 */
const unsettled = (run: Run): RawBuilder<unknown> => sql`(a.leased_until is not null or a.dead_at is not null
  or a.ignored is not null or a.stands = 'unsure' or a.changes_to is not null or (a.due_at is not null and a.due_at is distinct from a.verify_at)
  or a.last_at >= ${run.createdAt}::timestamptz or a.marked_at >= ${run.createdAt}::timestamptz)`;

/**
 * Writes how the whole list differs from what should be there, and ends the run. A difference that stands already is not
 * written again, one that somebody left stays left, and one that is no longer there is over: the second run of two writes
 * none.
 */
export async function compareAll(db: Db, run: Run): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    // Two runs of one target never compare at once, and nobody settles meanwhile what this ends.
    await sql`select 1 from target where id = ${run.targetId} for no key update`.execute(trx);
    const { rows } = await sql`
      update reconcile_run set state = 'comparing', whole = true
      where id = ${run.id} and lease = ${run.lease} and state = 'reading' returning id`.execute(trx);
    if (rows.length === 0) return false;
    const made = await sql<{ n: number }>`
      select count(*)::int as n from account where target_id = ${run.targetId}`.execute(trx);
    const ids = JSON.stringify(await newDifferences(trx, run));
    await sql`
      insert into difference (id, run_id, target_id, kind, account_id, external_id, fields, takes, likeness, ours)
      select r.id, ${run.id}, ${run.targetId}, r.kind, r."accountId", r."externalId", array(select jsonb_array_elements_text(r.fields)),
        r.takes, r.likeness, r.ours
      from jsonb_to_recordset(${ids}::jsonb) as r (id uuid, kind text, "accountId" uuid, "externalId" text, fields jsonb, takes boolean,
        likeness text, ours boolean)`.execute(trx);
    await sql`
      update reconcile_run set state = 'done', leased_until = null, finished_at = remit_now(),
        counts = (select coalesce(jsonb_object_agg(kind, n), '{}') from (
          select kind, count(*) as n from difference where target_id = ${run.targetId} and settled_at is null group by kind) c)
          || jsonb_build_object('accounts', ${made.rows[0]!.n}::int)
      where id = ${run.id}`.execute(trx);
    await sql`delete from reconcile_seen where run_id = ${run.id}`.execute(trx);
    return true;
  });
}

type Found = {
  kind: string;
  accountId: string | null;
  externalId: string | null;
  fields: string[];
  takes: boolean;
  likeness: string | null;
  ours: boolean;
};

/** Most that one run writes down: whoever finds more has connected something else. */
const mostDifferences = 5000;

async function newDifferences(trx: Db, run: Run): Promise<(Found & { id: string })[]> {
  const { rows } = await sql<Found>`
    with seen as (select * from reconcile_seen where run_id = ${run.id}),
    doubled as (select account_id from seen where account_id is not null group by account_id having count(*) > 1),
    found (kind, account_id, external_id, fields, takes, likeness, ours) as materialized (
      -- one for each beside the one that is known as theirs
      select 'double', s.account_id, s.external_id, case when s.enabled then '{}' else '{disable}'::text[] end, false, null::text, false from doubled u
      join seen s on s.account_id = u.account_id join account a on a.id = u.account_id
      where s.external_id is distinct from a.external_id
      union all
      select 'drift', s.account_id, null, s.fields, s.takes, null, false from seen s join account a on a.id = s.account_id
      where s.fields <> '{}' and not ${unsettled(run)} and s.account_id not in (select account_id from doubled)
      union all
      select 'orphan', null, s.external_id, case when s.enabled then '{}' else '{disable}'::text[] end, false, s.likeness,
        case when s.correlation ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
          then exists (select 1 from app_user u where u.id = s.correlation::uuid) else false end
      from seen s where s.account_id is null and not exists (
        select 1 from account a where a.target_id = ${run.targetId} and a.external_id = s.external_id) and not exists (
        select 1 from account a where a.target_id = ${run.targetId} and a.correlation = s.correlation)
      union all
      select 'missing', a.id, null, '{}', false, null, false from account a where a.target_id = ${run.targetId} and a.stands in ('enabled', 'disabled')
        and not ${unsettled(run)} and not exists (select 1 from seen s where s.account_id = a.id)),
    over as (
      update difference d set settled_how = 'over', settled_at = coalesce(d.settled_at, remit_now())
      where d.target_id = ${run.targetId} and (d.settled_at is null or d.settled_how in ('left', 'disabled'))
        and not exists (select 1 from found f where f.kind = d.kind and f.account_id is not distinct from d.account_id
          and f.external_id is not distinct from d.external_id and f.fields = d.fields)
        and not exists (select 1 from account a where a.id = d.account_id and ${unsettled(run)})
      returning 1),
    -- the same, and known better by now
    better as (
      update difference d set takes = f.takes, likeness = f.likeness from found f
      where d.target_id = ${run.targetId} and d.settled_at is null and f.kind = d.kind and f.account_id is not distinct from d.account_id
        and f.external_id is not distinct from d.external_id and f.fields = d.fields
        and (d.takes, d.likeness) is distinct from (f.takes, f.likeness))
    select f.kind, f.account_id as "accountId", f.external_id as "externalId", f.fields, f.takes, f.likeness, f.ours from found f
    where not exists (select 1 from difference d where d.target_id = ${run.targetId} and (d.settled_at is null or d.settled_how in ('left', 'disabled'))
      and d.kind = f.kind and d.account_id is not distinct from f.account_id and d.external_id is not distinct from f.external_id
      and d.fields = f.fields)
    order by f.kind, f.account_id, f.external_id limit ${mostDifferences}`.execute(trx);
  return rows.map((row) => ({ id: newId(), ...row }));
}

/** Old runs of which nothing is left to settle. */
export async function tidyRuns(db: Db): Promise<void> {
  await sql`delete from reconcile_run where id in (
    select r.id from reconcile_run r where r.finished_at < remit_now() - interval '90 days' and not exists (
      select 1 from difference d where d.run_id = r.id and (d.settled_at is null or d.settled_how in ('left', 'disabled'))) limit 100)`.execute(
    db,
  );
}
