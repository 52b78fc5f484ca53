import { type Kysely, sql } from 'kysely';
import { newId } from '../../platform/ids.ts';
import { sendJob } from '../../platform/jobs.ts';
import type { DB } from '../../platform/schema.gen.ts';
import {
  beginWithin,
  type Limits,
  leaseSeconds,
  limitsOf,
  looksAgainAfter,
  mostTogether,
  restAfter,
  usualLimits,
} from '../rules.ts';
import { readTarget, type TargetRow } from '../store.ts';
import type { Presence, Stands } from '../wanted/desired.ts';
import type { Marks } from '../wanted/value-marks.ts';

type Db = Kysely<DB>;

/** An account as it was claimed: what is known of it, and the fence under which it may be settled. */
export type Claimed = {
  id: string;
  userId: string;
  correlation: string;
  externalId: string | null;
  stands: Stands;
  thereDigest: string;
  roles: string[];
  generation: number;
  lease: number;
  attempts: number;
  failingSince: Date | null;
  deleteAfter: Date | null;
  cleared: boolean;
  /** values that are to be written over what is there, and whether just these were let through */
  changesTo: string | null;
  agreed: boolean;
  thereMarks: Marks;
  /** to be read though nothing should differ: an answer had been lost some time ago */
  verify: boolean;
};

export type Claim = { target: TargetRow; batch: number; at: Date; accounts: Claimed[]; endsAt: number };

/**
 * Takes what is due at a target, before anything is sent: of two processes one has it. Removals first. Who died with
 * accounts in hand leaves them unsure. With it goes a job that looks again when the lease is over.
 */
export async function claimDue(db: Db, targetId: string): Promise<Claim | undefined> {
  // By this process's own clock, from before it asked: the lease in the database ends later.
  const endsAt = performance.now() + beginWithin * 1000;
  return await db.transaction().execute(async (trx) => {
    const target = await readTarget(trx, targetId, { lock: true });
    if (target?.state !== 'active') return undefined;
    const most = target.failingSince ? 1 : mostTogether;
    const { perMinute } = limitsOf(target.limits);
    const { rows } = await sql<{ batch: number; at: Date; accounts: ClaimedRow[] | null }>`
      with free as (
        select t.id, remit_now() as at,
          case when t.minute_began > remit_now() - interval '1 minute' then t.minute_calls else 0 end as calls
        from target t where t.id = ${targetId} and coalesce(t.rests_until, '-infinity') <= remit_now()
          and coalesce(t.batch_until, '-infinity') <= remit_now()),
      room as (select id, at, calls, least(${most}::int, ${perMinute}::int - calls) as n from free where calls < ${perMinute}::int),
      taken as (
        select a.id from room r cross join lateral (
          select a.id from account a where a.target_id = r.id and a.takes and a.cleared and a.due_at <= r.at and a.dead_at is null
            and a.ignored is null and (a.leased_until is null or a.leased_until <= r.at)
          order by a.due_at, a.id limit r.n) a),
      given as (
        select a.id from room r cross join lateral (
          select a.id from account a where a.target_id = r.id and not a.takes and a.due_at <= r.at and a.dead_at is null
            and a.ignored is null and (a.leased_until is null or a.leased_until <= r.at)
          order by a.due_at, a.id limit r.n - (select count(*) from taken)) a),
      -- by their ids, however many accounts there are: nothing tells the planner that these are few
      due as (
        select a.id from account a, room r
        where a.id = any (array(select id from taken union all select id from given)) and (a.leased_until is null or a.leased_until <= r.at)
        order by a.user_id for no key update of a skip locked),
      claimed as (
        update account a set lease = a.lease + 1, leased_until = r.at + make_interval(secs => ${leaseSeconds}),
          stands = case when a.leased_until is not null then 'unsure' else a.stands end
        from room r where a.id = any (array(select id from due))
        returning a.id, a.user_id as "userId", a.correlation, a.external_id as "externalId", a.stands, a.there_digest as "thereDigest",
          a.roles, a.generation, a.lease, a.attempts, a.failing_since as "failingSince", a.delete_after as "deleteAfter", a.cleared,
          a.changes_to as "changesTo", a.agreed, a.there_marks as "thereMarks", coalesce(a.verify_at <= r.at, false) as verify),
      counted as (
        update target t set batch = t.batch + 1, batch_until = r.at + make_interval(secs => ${leaseSeconds}),
          minute_began = case when r.calls = 0 then r.at else t.minute_began end,
          minute_calls = r.calls + (select count(*) from claimed)
        from room r where t.id = r.id and exists (select 1 from claimed) returning t.batch, r.at)
      select c.batch, c.at, (select jsonb_agg(to_jsonb(claimed)) from claimed) as accounts from counted c`.execute(
      trx,
    );
    const [claim] = rows;
    if (!claim?.accounts) return undefined;
    await sendJob(trx, 'target', { provisioningTargetId: targetId }, { startAfter: leaseSeconds + 1 });
    const accounts = claim.accounts.map((row) => ({
      ...row,
      failingSince: row.failingSince === null ? null : new Date(row.failingSince),
      deleteAfter: row.deleteAfter === null ? null : new Date(row.deleteAfter),
    }));
    return { target, batch: claim.batch, at: claim.at, accounts, endsAt };
  });
}

type ClaimedRow = Omit<Claimed, 'failingSince' | 'deleteAfter'> & {
  failingSince: string | null;
  deleteAfter: string | null;
};

/** What came of one attempt, as it is written down. */
export type Settled = {
  id: string;
  lease: number;
  /** the mark that this was done for */
  generation: number;
  /**
   * `held`: it would take something away that the brake has not seen; `unbegun`: there was no time; `waits`: a person was
   * asked to do it, who says when it is done
   */
  outcome: 'done' | 'again' | 'dead' | 'held' | 'unbegun' | 'waits';
  what: string[];
  calls: number;
  wanted: Presence;
  stands: Stands;
  externalId: string | null;
  thereDigest: string;
  roles: string[];
  /** something was taken from what was there */
  took: boolean;
  /** values are to be others than those there, and wait to be let through: which ones, and their digest */
  withheld: boolean;
  changesTo: string | null;
  changing: string[];
  /** of the values that are there by now; null: those of before */
  thereMarks: Marks | null;
  /** it was read back after an answer had been lost, or one was lost now */
  verifies: boolean;
  verified: boolean;
  nextChangeAt: Date | null;
  deleteAfter: Date | null;
  /** seconds until it is tried again */
  after: number;
  problem: string | null;
  status: string | null;
};

/**
 * Writes what came of attempts, by one statement: only where the lease is still the one they were claimed with. What was
 * marked meanwhile stays due.
 * @returns how many were written
 */
export async function settle(db: Db, settled: readonly Settled[]): Promise<number> {
  try {
    return await write(db, settled);
  } catch (error) {
    if (!isTaken(error)) throw error;
    // A target that calls two accounts the same: whichever came second is nobody's, and a person has to look.
    let written = 0;
    for (const one of settled)
      written += await write(db, [one]).catch((fault: unknown) => {
        if (!isTaken(fault)) throw fault;
        const alone = {
          ...one,
          outcome: 'dead',
          problem: 'exists',
          stands: 'none',
          externalId: null,
        } as const;
        return write(db, [alone]);
      });
    return written;
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && (error as { constraint?: string }).constraint === 'account_external';

async function write(db: Db, settled: readonly Settled[]): Promise<number> {
  if (settled.length === 0) return 0;
  const writing = settled.map((one) => ({ ...one, attemptId: newId() }));
  const { rows } = await sql<{ n: number }>`
    with r as (
      select * from jsonb_to_recordset(${JSON.stringify(writing)}::jsonb) as r (id uuid, "attemptId" uuid, lease bigint, generation bigint, outcome text,
        what jsonb, wanted text, stands text, "externalId" text, "thereDigest" text, roles jsonb, took boolean, withheld boolean,
        "changesTo" text, changing jsonb, "thereMarks" jsonb, verifies boolean, verified boolean, "nextChangeAt" timestamptz, "deleteAfter" timestamptz, after float8, problem text, status text)),
    mine as (
      select a.id, case when a.generation > r.generation or r.outcome in ('held', 'unbegun') then a.changes_to
          when r.withheld then r."changesTo" when r.outcome = 'done' then null else a.changes_to end as changes_to
      from account a join r on r.id = a.id where a.lease = r.lease and a.leased_until is not null
      order by a.user_id for no key update of a),
    written as (
      update account a set leased_until = null,
        stands = r.stands, external_id = r."externalId", there_digest = r."thereDigest",
        roles = array(select jsonb_array_elements_text(r.roles)),
        wanted = case when r.outcome = 'unbegun' then a.wanted else r.wanted end,
        done_generation = case when r.outcome = 'done' then greatest(a.done_generation, r.generation) else a.done_generation end,
        attempts = case r.outcome when 'done' then 0 when 'again' then a.attempts + 1 when 'dead' then a.attempts + 1 else a.attempts end,
        failing_since = case r.outcome when 'done' then null when 'again' then coalesce(a.failing_since, remit_now())
          when 'dead' then coalesce(a.failing_since, remit_now()) else a.failing_since end,
        last_problem = case when r.outcome in ('held', 'unbegun') then a.last_problem else r.problem end,
        last_status = case when r.outcome in ('held', 'unbegun') then a.last_status else r.status end,
        last_at = case when r.outcome in ('held', 'unbegun') then a.last_at else remit_now() end,
        verify_at = case when r.verifies then remit_now() + make_interval(secs => ${looksAgainAfter})
          when r.verified then null else a.verify_at end,
        next_change_at = case when r.outcome = 'unbegun' then a.next_change_at else r."nextChangeAt" end,
        delete_after = case when r.outcome = 'unbegun' then a.delete_after else r."deleteAfter" end,
        takes = case r.outcome when 'done' then false when 'held' then true else a.takes end,
        cleared = case when r.outcome in ('done', 'held') then false else a.cleared end,
        taken_at = case when r.took then remit_now() else a.taken_at end,
        changes_to = mine.changes_to, agreed = a.agreed and coalesce(mine.changes_to = a.changes_to, false),
        held_at = case when a.held_at is null or mine.changes_to is null then null
          when mine.changes_to = a.changes_to then a.held_at else date_trunc('milliseconds', remit_now()) end,
        changing = case when mine.changes_to is null then '{}' when r.withheld and mine.changes_to = r."changesTo"
          then array(select jsonb_array_elements_text(r.changing)) else a.changing end,
        there_marks = case when r."externalId" is null then '{}' when jsonb_typeof(r."thereMarks") = 'object' then r."thereMarks" else a.there_marks end,
        -- marked again since: what is wanted now may be something else
        dead_at = case when r.outcome = 'dead' and a.generation = r.generation then remit_now() else null end,
        due_at = case
          when a.generation > r.generation or r.outcome in ('held', 'unbegun') then remit_now()
          -- somebody agreed while it was on its way without its values
          when r.withheld and a.agreed and mine.changes_to = a.changes_to then remit_now()
          when r.outcome = 'again' then remit_now() + make_interval(secs => r.after)
          when r.outcome in ('dead', 'waits') then null
          when r.verifies then remit_now() + make_interval(secs => ${looksAgainAfter})
          when r.verified then null
          else a.verify_at end
      from r, mine where a.id = r.id and a.id = mine.id returning a.id, r."attemptId", r.lease, r.what, r.outcome, r.problem, r.status, r.stands),
    logged as (
      insert into account_attempt (id, account_id, lease, what, outcome, problem, status)
      select w."attemptId", w.id, w.lease, array(select jsonb_array_elements_text(w.what)),
        case when w.outcome = 'again' and w.stands = 'unsure' then 'unsure' else w.outcome end, w.problem, w.status
      from written w where w.outcome not in ('unbegun', 'held', 'waits') returning 1)
    select count(*)::int as n from written`.execute(db);
  return rows[0]!.n;
}

/**
 * Takes one call of those that a target bears within a minute, for reading a page.
 * @returns 0 when it may be made now, else seconds until the minute is over
 */
export async function takeCall(
  db: Db,
  targetId: string,
  { perMinute }: Pick<Limits, 'perMinute'>,
): Promise<number> {
  const { rows } = await sql<{ taken: boolean; left: number }>`
    with t as (select id, minute_began > remit_now() - interval '1 minute' as running, minute_began, minute_calls
      from target where id = ${targetId} for no key update),
    taken as (
      update target set minute_began = case when t.running then t.minute_began else remit_now() end,
        minute_calls = case when t.running then t.minute_calls + 1 else 1 end
      from t where target.id = t.id and (t.running is not true or t.minute_calls < ${perMinute}::int) returning 1)
    select exists (select 1 from taken) as taken,
      coalesce(extract(epoch from t.minute_began + interval '1 minute' - remit_now()), 0)::float8 as left from t`.execute(
    db,
  );
  const [row] = rows;
  return !row || row.taken ? 0 : Math.max(0.1, row.left);
}

/** How a batch went for the target as such. */
export type Health = {
  good: boolean;
  /** the first problem that is about the target */
  problem: string | null;
  /** seconds that it asked to be left in peace */
  peace: number;
  /** calls beyond the one for each account that the claim has counted */
  moreCalls: number;
};

/** Ends a batch: the next may be claimed, by whichever process. Opens or closes the breaker. */
export async function endBatch(db: Db, { target, batch }: Claim, health: Health): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const now = await readTarget(trx, target.id, { lock: true });
    if (!now) return;
    const bad = !health.good && health.problem !== null;
    const failures = bad ? now.failures + 1 : health.good ? 0 : now.failures;
    const rest = Math.max(bad ? restAfter(failures) : 0, health.peace);
    await sql`
      update target set batch_until = case when batch = ${batch} then null else batch_until end,
        minute_calls = greatest(0, minute_calls + ${health.moreCalls}::int), failures = ${failures}::int,
        failing_since = case when ${failures}::int = 0 then null else coalesce(failing_since, remit_now()) end,
        rests_until = case when ${rest}::float8 > 0 then remit_now() + make_interval(secs => ${rest}::float8)
          when ${health.good} then null else rests_until end,
        last_problem = case when ${bad} then ${health.problem} when ${health.good} then null else last_problem end,
        last_good_at = case when ${health.good} then remit_now() else last_good_at end
      where id = ${target.id}`.execute(trx);
    // It is back: whoever waits because it was away waits no longer (I45).
    if (health.good && now.failingSince)
      await sql`
        update account set due_at = remit_now() where id in (
          select id from account where target_id = ${target.id} and due_at > remit_now() and attempts > 0 and dead_at is null
            and failing_since >= ${now.failingSince}::timestamptz - interval '1 minute' and leased_until is null
          order by user_id for no key update)`.execute(trx);
  });
}

/** When somebody should look at a target again; undefined: nothing waits. */
export async function nextLook(db: Db, targetId: string): Promise<{ now: Date; at: Date } | undefined> {
  const { rows } = await sql<{ now: Date; at: Date | null }>`
    select remit_now() as now, greatest(t.rests_until, remit_now(),
      case when t.minute_calls >= coalesce((t.limits ->> 'perMinute')::int, ${usualLimits.perMinute}::int) then t.minute_began + interval '1 minute' end, least(
      (select min(due_at) from account a where a.target_id = t.id and a.takes and a.cleared and a.due_at is not null
        and a.dead_at is null and a.ignored is null),
      (select min(due_at) from account a where a.target_id = t.id and not a.takes and a.due_at is not null
        and a.dead_at is null and a.ignored is null),
      (select min(next_change_at) from account a where a.target_id = t.id and a.next_change_at is not null))) as at
    from target t where t.id = ${targetId} and t.state = 'active' and exists (
      select 1 from account a where a.target_id = t.id and (a.next_change_at is not null
        or a.due_at is not null and a.dead_at is null and a.ignored is null and (not a.takes or a.cleared)))`.execute(
    db,
  );
  const [found] = rows;
  return found?.at ? { now: found.now, at: found.at } : undefined;
}

/** Targets at which something is due, and nobody seems to look: their job is gone, or their time has come. */
export async function dueTargets(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select t.id from target t where t.state = 'active' and coalesce(t.rests_until, '-infinity') <= remit_now()
      and coalesce(t.batch_until, '-infinity') <= remit_now() and (
      exists (select 1 from account a where a.target_id = t.id and a.due_at <= remit_now() and a.dead_at is null and a.ignored is null
        and (not a.takes or a.cleared))
      or exists (select 1 from account a where a.target_id = t.id and a.next_change_at <= remit_now())
      or t.braked_at is null and exists (select 1 from account a where a.target_id = t.id and a.takes and not a.cleared and a.dead_at is null)
      or exists (select 1 from account a where a.target_id = t.id and a.changes_to is not null and not a.agreed and a.held_at is null
        and a.dead_at is null and a.ignored is null)
      or exists (select 1 from difference d where d.target_id = t.id and d.planned is not null and d.settled_at is null
        and (d.cleared or t.braked_at is null) and coalesce(d.tried_at, '-infinity') < remit_now() - interval '5 minutes'))`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** Attempts are for mending; nothing depends on them. */
export async function tidyAttempts(db: Db): Promise<void> {
  await sql`delete from account_attempt where id in (
    select id from account_attempt where at < remit_now() - interval '90 days' limit 10000)`.execute(db);
}
