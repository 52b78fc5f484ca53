import { type Kysely, sql } from 'kysely';
import { prepared } from '../../platform/database.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { brakeOf } from '../rules.ts';
import { readTarget, type TargetRow } from '../store.ts';
import { mayGoOut } from './brake.ts';

type Db = Kysely<DB>;

export type Judged = {
  /** accounts of which something may be sent now that could not before */
  cleared: number;
  /** so many began to wait for a person just now: `removals` are taken away, `changes` are values written over others */
  newly: Partial<Record<'removals' | 'changes', number>>;
};

/** What is still being marked is waited for, so that a large change is not let through in small parts. */
const wholly = sql`marked_at < coalesce((select min(created_at) from mark), 'infinity')`;

/** Values that are to be written over others, of which nobody has said anything. */
const isFresh = sql`changes_to is not null and not agreed and held_at is null and dead_at is null and ignored is null`;

/** Whether anything waits to be let through or stopped; asked before each batch, so it is one statement without a lock. */
export async function isUnjudged(db: Db, targetId: string): Promise<boolean> {
  const { rows } = await sql`${prepared}
    select 1 from target t where t.id = ${targetId} and t.state = 'active' and (t.braked_at is not null or t.changes_held_at is not null
      or exists (select 1 from account where target_id = t.id and takes and not cleared)
      or exists (select 1 from account where target_id = t.id and ${isFresh})
      or exists (select 1 from difference where target_id = t.id and planned is not null and not cleared and settled_at is null))`.execute(
    db,
  );
  return rows.length > 0;
}

/**
 * Judges what would be taken away, and what would be written over, all of it before any (I49): lets it through, or stops it
 * until a person agrees. Each of the two is counted by itself: who leaves goes, however many are to be called otherwise.
 */
export async function judge(db: Db, targetId: string): Promise<Judged> {
  return await db.transaction().execute(async (trx) => {
    const target = await readTarget(trx, targetId, { lock: true });
    if (target?.state !== 'active') return { cleared: 0, newly: {} };
    const removals = await judgeRemovals(trx, target);
    const changes = await judgeChanges(trx, target);
    return { cleared: removals.cleared + changes.cleared, newly: { ...removals.newly, ...changes.newly } };
  });
}

async function judgeRemovals(trx: Db, target: TargetRow): Promise<Judged> {
  const targetId = target.id;
  const nothing: Judged = { cleared: 0, newly: {} };
  const { rows } = await sql<{ waiting: number; all: number; lately: number; standing: number }>`
    select
      (select count(*)::int from account where target_id = ${targetId} and takes and not cleared and dead_at is null and ignored is null
        and ${wholly}) + orphans.n as waiting,
      (select count(*)::int from account where target_id = ${targetId} and takes and not cleared) + orphans.n as all,
      (select count(*)::int from account where target_id = ${targetId}
        and taken_at > greatest(remit_now() - interval '1 day', ${target.releasedAt}::timestamptz))
      + (select count(*)::int from difference where target_id = ${targetId}
        and taken_at > greatest(remit_now() - interval '1 day', ${target.releasedAt}::timestamptz)) as lately,
      ${standing(targetId)} as standing
    from (select count(*)::int as n from difference where target_id = ${targetId} and planned is not null and not cleared
      and settled_at is null) orphans`.execute(trx);
  const { waiting, all, lately, standing: there } = rows[0]!;
  if (target.brakedAt) {
    if (all > 0) return nothing;
    await sql`update target set braked_at = null where id = ${targetId}`.execute(trx);
    return nothing;
  }
  if (waiting === 0) return nothing;
  if (!mayGoOut({ waiting, lately, standing: there }, brakeOf(target.brake))) {
    await sql`update target set braked_at = remit_now() where id = ${targetId}`.execute(trx);
    return { cleared: 0, newly: { removals: waiting } };
  }
  return { ...nothing, cleared: await letThrough(trx, targetId) };
}

/**
 * Values of many are planned and wait; of few they go, also while others wait. Counted when they are let through, not when
 * they are sent: what a target that is down has not taken yet is not forgotten.
 */
async function judgeChanges(trx: Db, target: TargetRow): Promise<Judged> {
  const targetId = target.id;
  const nothing: Judged = { cleared: 0, newly: {} };
  const { rows } = await sql<{ waiting: number; held: boolean; lately: number; standing: number }>`
    select (select count(*)::int from account where target_id = ${targetId} and ${isFresh} and ${wholly}) as waiting,
      exists (select 1 from account where target_id = ${targetId} and ${isHeld}) as held,
      (select count(*)::int from account where target_id = ${targetId}
        and changed_at > greatest(remit_now() - interval '1 day', ${target.changesReleasedAt}::timestamptz)) as lately,
      ${standing(targetId)} as standing`.execute(trx);
  const { waiting, held, lately, standing: there } = rows[0]!;
  if (target.changesHeldAt && !held && waiting === 0) {
    await sql`update target set changes_held_at = null where id = ${targetId}`.execute(trx);
    return nothing;
  }
  if (waiting === 0) return nothing;
  const may = mayGoOut({ waiting, lately, standing: there }, brakeOf(target.brake));
  await sql`
    with fresh as (
      select id from account where target_id = ${targetId} and ${isFresh} and ${wholly} order by user_id for no key update)
    update account a set ${
      may
        ? sql`agreed = true, changed_at = remit_now(), due_at = least(a.due_at, remit_now())`
        : sql`held_at = date_trunc('milliseconds', remit_now())`
    } from fresh where a.id = fresh.id`.execute(trx);
  if (may) {
    if (target.changesHeldAt && !held)
      await sql`update target set changes_held_at = null where id = ${targetId}`.execute(trx);
    return { ...nothing, cleared: waiting };
  }
  if (target.changesHeldAt) return nothing;
  await sql`update target set changes_held_at = remit_now() where id = ${targetId}`.execute(trx);
  return { cleared: 0, newly: { changes: waiting } };
}

/** Values of many, that wait for a person's word. */
export const isHeld = sql`changes_to is not null and held_at is not null and not agreed and dead_at is null and ignored is null`;

const standing = (targetId: string) =>
  sql`(select count(*)::int from account where target_id = ${targetId} and stands in ('enabled', 'disabled', 'unsure'))`;

/** Lets through what waits to be taken away, and nothing that comes later. */
export async function letThrough(trx: Db, targetId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with waiting as (
      select id from account where target_id = ${targetId} and takes and not cleared
        and ${wholly} order by user_id for no key update),
    through as (update account a set cleared = true from waiting w where a.id = w.id returning 1),
    orphans as (update difference set cleared = true where target_id = ${targetId} and planned is not null and not cleared
      and settled_at is null returning 1)
    select ((select count(*) from through) + (select count(*) from orphans))::int as n`.execute(trx);
  return rows[0]!.n;
}

/**
 * Lets through the values that waited when somebody looked, just these: what has become something else since is judged anew,
 * as if it had come now. @returns of how many accounts
 */
export async function agreeToChanges(trx: Db, targetId: string, seenAt: Date): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with held as (
      select id, held_at <= ${seenAt}::timestamptz as seen from account where target_id = ${targetId} and ${isHeld}
      order by user_id for no key update),
    through as (
      update account a set agreed = h.seen, held_at = null,
        due_at = case when h.seen then least(a.due_at, remit_now()) else a.due_at end
      from held h where a.id = h.id returning h.seen)
    select count(*) filter (where seen)::int as n from through`.execute(trx);
  const { n } = rows[0]!;
  if (n > 0)
    await sql`update target set changes_held_at = null, changes_released_at = remit_now() where id = ${targetId}`.execute(
      trx,
    );
  return n;
}
