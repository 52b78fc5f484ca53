import { type Kysely, sql } from 'kysely';
import { inReach, type Reach } from '../../authority/reach.ts';
import { sendJob } from '../../platform/jobs.ts';
import type { DB } from '../../platform/schema.gen.ts';

type Db = Kysely<DB>;

/** State of an account for the trail: no names, and not what the target calls it. */
export type MendState = {
  stands: string;
  wanted: string;
  dead: boolean;
  ignored: boolean;
  attempts: number;
  version: number;
};

export async function lockAccount(
  db: Db,
  accountId: string,
): Promise<
  { targetId: string; targetName: string; userId: string; targetState: string; state: MendState } | undefined
> {
  const { rows } = await sql<{
    targetId: string;
    targetName: string;
    userId: string;
    targetState: string;
    state: MendState;
  }>`
    select a.target_id as "targetId", t.name as "targetName", a.user_id as "userId", t.state as "targetState", ${mendState} as state
    from account a join target t on t.id = a.target_id where a.id = ${accountId} for no key update of a`.execute(
    db,
  );
  return rows[0];
}

const mendState = sql`jsonb_build_object('stands', a.stands, 'wanted', a.wanted, 'dead', a.dead_at is not null,
  'ignored', a.ignored is not null, 'attempts', a.attempts, 'version', a.version)`;

/** Nobody was shown its values with those that wait while it was stuck: who looked before does not agree to them. */
const waitsAnew = sql`case when a.held_at is not null then date_trunc('milliseconds', remit_now()) end`;

/** Tries one again at once, from the beginning, and no longer leaves it as it is. What was unsure is read first, as ever. */
export async function retryAccount(db: Db, accountId: string, targetId: string): Promise<MendState> {
  const { rows } = await sql<{ state: MendState }>`
    update account a set dead_at = null, ignored = null, attempts = 0, failing_since = null, due_at = remit_now(),
      held_at = ${waitsAnew}, version = version + 1
    where a.id = ${accountId} returning ${mendState} as state`.execute(db);
  await sendJob(db, 'target', { provisioningTargetId: targetId });
  return rows[0]!.state;
}

/** Tries again all dead letters of a target whose people are in reach. @returns how many */
export async function retryAll(db: Db, targetId: string, people: Reach): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with dead as (
      select a.id from account a where a.target_id = ${targetId} and a.dead_at is not null and a.ignored is null
        and exists (select 1 from membership m where m.user_id = a.user_id and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)})
      order by a.user_id for no key update of a),
    again as (
      update account a set dead_at = null, attempts = 0, failing_since = null, due_at = remit_now(), held_at = ${waitsAnew},
        version = version + 1
      from dead where a.id = dead.id returning 1)
    select count(*)::int as n from again`.execute(db);
  const { n } = rows[0]!;
  if (n > 0) await sendJob(db, 'target', { provisioningTargetId: targetId });
  return n;
}

/** Leaves one as it is, until something else is wanted of it: a removal that comes later is not ignored by it. */
export async function ignoreAccount(db: Db, accountId: string, reason: string): Promise<MendState> {
  const { rows } = await sql<{ state: MendState }>`
    update account a set ignored = ${reason}, version = version + 1 where a.id = ${accountId} returning ${mendState} as state`.execute(
    db,
  );
  return rows[0]!.state;
}
