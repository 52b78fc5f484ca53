import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import { loadFacts } from '../authority/load-facts.ts';
import { inReach } from '../authority/reach.ts';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTarget } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type Behind, type leftBehind, listBehind, staying } from './behind.ts';
import { inTheirRight } from './in-their-right.ts';
import { takeOver } from './take-over.ts';

/** Who follows somebody that leaves, as the row says it. */
type Succession = {
  leaver_membership_id: string;
  successor_membership_id: string;
  named_in: string;
  named_at: string;
};

async function rowOf(
  db: Kysely<DB>,
  leaverId: string,
): Promise<(Record<string, unknown> & Succession) | undefined> {
  const { rows } = await sql<{ state: Record<string, unknown> & Succession }>`
    select to_jsonb(s) as state from succession s where s.leaver_membership_id = ${leaverId} for update`.execute(
    db,
  );
  return rows[0]?.state;
}

function record(
  { record }: Context,
  type: 'succession.named' | 'succession.ended' | 'succession.handed-over',
  { id, organizationId, path, userId }: Leaver,
  before: Record<string, unknown> | undefined,
  after: Record<string, unknown> | undefined,
): void {
  const where = { targetKind: 'succession', targetId: id, organizationId, path, subjectId: userId };
  record({ type, ...where, before: before ?? null, after: after ?? null });
}

type Leaver = {
  id: string;
  userId: string;
  organizationId: string;
  path: string;
  lineManagerId: string | null;
  over: boolean;
};

async function leaverOf({ db, at }: Pick<Context, 'db' | 'at'>, id: string): Promise<Leaver> {
  const { rows } = await sql<Leaver>`
    select m.id, m.user_id as "userId", m.organization_id as "organizationId", m.path, m.line_manager_id as "lineManagerId",
      m.state = 'ended' or m.ends_at <= ${at} as over
    from membership m where m.id = ${id}`.execute(db);
  return rows[0]!;
}

/** A person of whom the actor knows, who is there, and somebody else. */
async function requireSuccessor(context: Context, leaver: Leaver, successorId: string): Promise<void> {
  const target = await membershipTarget(context.db, successorId);
  context.require('user.read', target, 'user.read');
  if (target!.userId === leaver.userId) throw refuse('succession.same');
  if ((await leaverOf(context, successorId)).over) throw refuse('membership.ended');
}

/**
 * Says who follows somebody when they leave, or takes that back. It gives nothing: the rights of whoever named them last
 * are asked for when the place has ended (ruling 4), whatever they were at this moment.
 * @param successorId null takes it back
 * @returns whether anything changed
 */
export async function nameSuccessor(
  context: Context,
  leaverId: string,
  successorId: string | null,
): Promise<boolean> {
  const { db, at } = context;
  const me = context.user();
  if (!me.membershipId) throw refuse('auth.no-membership');
  const leaver = await leaverOf(context, leaverId);
  const before = await rowOf(db, leaverId);
  if (successorId === null) {
    if (!before) return false;
    await sql`delete from succession where leaver_membership_id = ${leaverId}`.execute(db);
    record(context, 'succession.ended', leaver, before, undefined);
    return true;
  }
  await requireSuccessor(context, leaver, successorId);
  const isSame = before?.successor_membership_id === successorId && before.named_in === me.membershipId;
  // What stayed at a first time may go over at a second: a right was given since, or somebody else is chosen.
  if (isSame && !leaver.over) return false;
  await sql`
    insert into succession (leaver_membership_id, successor_membership_id, named_by, named_in, named_at)
    values (${leaverId}, ${successorId}, ${me.userId}, ${me.membershipId}, ${at})
    on conflict (leaver_membership_id) do update set successor_membership_id = excluded.successor_membership_id,
      named_by = excluded.named_by, named_in = excluded.named_in, named_at = excluded.named_at, state = 'named', carried_out_at = null,
      version = succession.version + 1`.execute(db);
  record(context, 'succession.named', leaver, before, await rowOf(db, leaverId));
  return true;
}

/**
 * Hands over what a leaver left behind, once their place has ended: at once where somebody ends it, and by the sweep where
 * a last day is over. However late it comes, nobody acts from the place since it ended (I20).
 * @returns what went to whom; undefined where nobody follows them
 */
export async function carryOut(
  context: Context,
  leaverId: string,
): Promise<z.infer<typeof leftBehind> | undefined> {
  const { db, at } = context;
  const before = await rowOf(db, leaverId);
  if (before?.state !== 'named') return undefined;
  const leaver = await leaverOf(context, leaverId);
  const doer = await whoNamed(context, before.named_in);
  const behind = await listBehind(doer, leaverId);
  const known = doer === context ? undefined : await listBehind(context, leaverId);
  const { rows } = await sql<{ userId: string; line: string[]; gone: boolean }>`
    select m.user_id as "userId", m.line, m.state <> 'active' or m.ends_at <= ${at} as gone from membership m
    where m.id = ${before.successor_membership_id}`.execute(db);
  const { userId, line, gone } = rows[0]!;
  const own = await isOwnDoing(context, before, userId);
  const successor = { membershipId: before.successor_membership_id, userId, line };
  const follow = { leaver: { membershipId: leaverId, lineManagerId: leaver.lineManagerId }, successor };
  const none = gone || own || doer.facts.noStanding;
  const done = none ? staying(behind) : await takeOver(doer, behind, follow);
  await sql`
    update succession set state = 'carried-out', carried_out_at = ${at}, version = version + 1
    where leaver_membership_id = ${leaverId}`.execute(db);
  record(context, 'succession.handed-over', leaver, before, await rowOf(db, leaverId));
  return known ? asSeen(done, known) : done;
}

/** Of what went in the right of somebody else, what the actor may know of (I06). */
function asSeen(
  { items, elsewhere }: z.infer<typeof leftBehind>,
  known: readonly Behind[],
): z.infer<typeof leftBehind> {
  const seen = new Map(known.filter((one) => one.seen).map((one) => [`${one.kind} ${one.id}`, one]));
  const told = items.flatMap((item) => {
    const one = seen.get(`${item.kind} ${item.id}`);
    if (!one) return [];
    const { name, organizationId, organizationName } = one;
    return [{ ...item, name, organizationId, organizationName }];
  });
  return { items: told, elsewhere: elsewhere || known.some((one) => !one.seen) };
}

/**
 * Did the successor bring the end about, by themselves or by a key that they had in hand? Who named them said what follows
 * when the other leaves, and not that they may have it whenever they end the place: then it stays, and whoever may hands it
 * over (I01).
 */
async function isOwnDoing(
  { db, facts }: Context,
  { leaver_membership_id: leaver, named_in, named_at }: Succession,
  userId: string,
): Promise<boolean> {
  const { rows } = await sql<{ namer: string; ended: boolean }>`
    select m.user_id as namer, exists (select 1 from event e where e.target_id = ${leaver} and e.target_kind = 'membership'
        and (e.actor_id = ${userId} or e.actor_kind = 'client' and (
          exists (select 1 from delegation d where d.delegate_client_id = e.actor_id and d.giver_user_id = ${userId})
          or exists (select 1 from event k where k.target_id = e.actor_id and k.target_kind = 'client' and k.actor_id = ${userId}
            and k.type in ('client.created', 'client.rotated'))))
        and e.at >= ${named_at}::timestamptz and (e.type = 'membership.ended' or e.type = 'membership.updated'
          and e.after ->> 'endsAt' is distinct from e.before ->> 'endsAt'
          -- An earlier one; those that never come are written otherwise.
          and (coalesce(e.before ->> 'endsAt', '') !~ '^[0-9]{4}-' or (e.after ->> 'endsAt') collate "C" < e.before ->> 'endsAt'))) as ended
    from membership m where m.id = ${named_in}`.execute(db);
  const { namer, ended } = rows[0]!;
  return namer !== userId && (ended || isSelf(facts, userId));
}

/** Whoever does it now has rights of their own; otherwise those of whoever named the successor, as they are now. */
async function whoNamed(context: Context, membershipId: string): Promise<Context> {
  if (context.actor.kind === 'user' && context.actor.membershipId === membershipId) return context;
  return inTheirRight(context, await loadFacts(context.db, { kind: 'membership', membershipId }));
}

/** Somebody's place is over. */
export async function isOver(context: Pick<Context, 'db' | 'at'>, membershipId: string): Promise<boolean> {
  return (await leaverOf(context, membershipId)).over;
}

/** Who was named to follow somebody, if the actor sees them. */
export async function namedSuccessor(
  context: Pick<Context, 'db' | 'reach'>,
  leaverId: string,
): Promise<{ membershipId: string; displayName: string } | null> {
  const { rows } = await sql<{ membershipId: string; displayName: string }>`
    select m.id as "membershipId", u.display_name as "displayName"
    from succession s join membership m on m.id = s.successor_membership_id join app_user u on u.id = m.user_id
    where s.leaver_membership_id = ${leaverId} and s.state = 'named'
      and ${inReach(context.reach('user.read'), sql`m.path`, sql`m.user_id`, sql`m.line`)}`.execute(
    context.db,
  );
  return rows[0] ?? null;
}
