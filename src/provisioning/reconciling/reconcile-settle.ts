import { type Kysely, sql } from 'kysely';
import type { Facts } from '../../authority/facts.ts';
import { inReach, type Reach } from '../../authority/reach.ts';
import { isSelf } from '../../authority/self.ts';
import { newId } from '../../platform/ids.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { connectorNamed } from '../connectors/all.ts';
import type { Connector } from '../connectors/connector.ts';
import { readTarget } from '../store.ts';
import { declaredBy } from '../wanted/declared.ts';
import { look, seeingOf } from '../wanted/look.ts';
import type { DifferenceView } from './difference-view.ts';
import { mendMany } from './mend-many.ts';

type Db = Kysely<DB>;

export type Difference = {
  id: string;
  kind: DifferenceView['kind'];
  targetId: string;
  accountId: string | null;
  externalId: string | null;
  userId: string | null;
  /** nobody's here, and made by Remit: as whose, another system says */
  ours: boolean;
  settled: boolean;
};

export async function lockDifference(db: Db, id: string): Promise<Difference> {
  const { rows } = await sql<Difference>`
    select d.id, d.kind, d.target_id as "targetId", d.account_id as "accountId", d.external_id as "externalId",
      (select user_id from account where id = d.account_id) as "userId", d.ours, d.settled_at is not null as settled
    from difference d where d.id = ${id} for no key update of d`.execute(db);
  return rows[0]!;
}

export async function noteSettled(db: Db, id: string, how: string, by: string | null): Promise<void> {
  await sql`update difference set settled_at = remit_now(), settled_how = ${how}, settled_by = ${by}, planned = null, cleared = false where id = ${id}`.execute(
    db,
  );
}

/**
 * Has an account brought to what it should be: it is read, and whatever differs is written. Nothing is done here that
 * sending would not do by itself; what would be taken away goes by the brake as ever.
 */
export async function mend(
  db: Db,
  { id, kind, accountId, targetId }: Difference,
  by: string | null,
): Promise<void> {
  // Whose it is, or which of two, is nothing that Remit can know.
  if (accountId === null || kind === 'orphan' || kind === 'double') throw refuse('difference.not-mendable');
  await mendMany(db, [id], by);
  await sendJob(db, 'target', { provisioningTargetId: targetId });
}

/**
 * Takes an account that somebody else made as a person's own: from then on it is looked after like one that Remit made.
 * Only of somebody who is to have one there: it would be switched off at once else. Nobody takes one as their own (I02), and
 * one that Remit made is of whom it was made for: they have it again by itself, and it is no other person's.
 * @returns whose it is now
 */
export async function adopt(
  db: Db,
  { kind, externalId, targetId, ours }: Difference,
  {
    membershipId,
    people,
    facts,
    connectors,
  }: {
    membershipId: string | undefined;
    people: Reach;
    facts: Facts;
    connectors: (name: string) => Connector | undefined;
  },
): Promise<string> {
  if (kind !== 'orphan' || ours || externalId === null || membershipId === undefined)
    throw refuse('difference.not-adoptable');
  const { rows: found } = await sql<{ userId: string }>`
    select m.user_id as "userId" from membership m where m.id = ${membershipId}
      and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)}`.execute(db);
  const userId = found[0]?.userId;
  if (!userId) throw refuse('not-found');
  if (isSelf(facts, userId)) throw refuse('user.self');
  const target = (await readTarget(db, targetId))!;
  const { looks } = await look(
    db,
    await seeingOf(db, target, connectors(target.connector)!),
    [userId],
    new Map(),
  );
  if (looks.get(userId)?.desired.presence !== 'enabled') throw refuse('difference.nothing-held');
  if (!(await takeOver(db, targetId, userId, externalId))) throw refuse('difference.has-account');
  await sendJob(db, 'target', { provisioningTargetId: targetId });
  return userId;
}

/** Makes what is there somebody's account, to be looked after from now on. @returns false where one of them has another */
export async function takeOver(
  db: Db,
  targetId: string,
  userId: string,
  externalId: string,
): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    insert into account as a (id, target_id, user_id, correlation, external_id, stands, wanted, due_at)
    select ${newId()}, ${targetId}, ${userId}, ${userId}, ${externalId}, 'unsure', 'enabled', remit_now()
    where not exists (select 1 from account where target_id = ${targetId} and external_id = ${externalId})
    on conflict (target_id, user_id) do update set external_id = excluded.external_id, stands = 'unsure', there_digest = '',
      generation = a.generation + 1, marked_at = remit_now(), due_at = remit_now(), dead_at = null, ignored = null, attempts = 0,
      failing_since = null, version = a.version + 1
    where a.external_id is null and a.leased_until is null returning id`.execute(db);
  return rows.length > 0;
}

/** What is to be done about what is nobody's has to be something that the target can do. */
export async function requireTaking(db: Db, targetId: string, what: 'disable' | 'delete'): Promise<void> {
  const target = (await readTarget(db, targetId))!;
  const connector = connectorNamed(target.connector);
  if (connector && !declaredBy(connector, target.settings).can[what])
    throw refuse(what === 'delete' ? 'target.cannot-delete' : 'target.cannot-disable');
}

/**
 * Has what is nobody's switched off or deleted, when the brake lets it: it stands until then. What another connected system
 * has as somebody's is not nobody's. @returns how many
 */
export async function planMany(db: Db, ids: readonly string[], what: 'disable' | 'delete'): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with planned as (
      update difference d set planned = ${what}, by_policy = false, cleared = false, attempts = 0, problem = null, tried_at = null
      where d.id = any (${ids}::uuid[]) and kind = 'orphan' and settled_at is null
        ${what === 'disable' ? sql`and fields = '{}'` : sql``}
        and not (d.ours and exists (select 1 from target t join account a on a.target_id = t.id and a.external_id = d.external_id
          where t.id <> d.target_id and t.state <> 'retired')) returning 1)
    select count(*)::int as n from planned`.execute(db);
  return rows[0]!.n;
}

/** The same of one. @throws Refusal when it is somebody's, or off already */
export async function planTaking(
  db: Db,
  { id, targetId }: Pick<Difference, 'id' | 'targetId'>,
  what: 'disable' | 'delete',
): Promise<void> {
  if ((await planMany(db, [id], what)) === 0) throw refuse('difference.not-takeable');
  await sendJob(db, 'target', { provisioningTargetId: targetId });
}

/**
 * Says which of two accounts is the person's: that one is looked after from now on, and the one beside it is switched off
 * or deleted, when the brake lets it and as long as the chosen one is there. @throws Refusal when one of them is not known
 */
export async function chooseOfTwo(
  db: Db,
  { id, kind, targetId, accountId, externalId }: Difference,
  { keep, what }: { keep: string; what: 'disable' | 'delete' },
): Promise<void> {
  const { rows } = await sql<{ known: string | null; leased: boolean }>`
    select external_id as known, leased_until is not null as leased from account where id = ${accountId} for no key update`.execute(
    db,
  );
  const [account] = rows;
  if (kind !== 'double' || !account?.known || (keep !== account.known && keep !== externalId))
    throw refuse('difference.not-takeable');
  // What is being done about it this moment is about the one that was known.
  if (account.leased) throw refuse('version.stale');
  if (keep === externalId) {
    await sql`
      update account set external_id = ${keep}, stands = 'unsure', there_digest = '', there_marks = '{}', changes_to = null,
        agreed = false, held_at = null, changing = '{}', generation = generation + 1, marked_at = remit_now(), due_at = remit_now(),
        dead_at = null, ignored = null, attempts = 0, failing_since = null, version = version + 1
      where id = ${accountId}`.execute(db);
    await sql`update difference set external_id = ${account.known}, fields = '{}' where id = ${id}`.execute(
      db,
    );
  }
  const { rows: planned } = await sql`
    update difference set planned = ${what}, by_policy = false, cleared = false, attempts = 0, problem = null, tried_at = null
    where id = ${id} ${what === 'disable' ? sql`and fields = '{}'` : sql``} returning 1`.execute(db);
  if (planned.length === 0) throw refuse('difference.not-takeable');
  await sendJob(db, 'target', { provisioningTargetId: targetId });
}

/** Nobody leaves what is there of their own as it is (I02). @param selves whose it may not be */
export async function leaveMany(
  db: Db,
  ids: readonly string[],
  by: string | null,
  selves: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with left_so as (
      update difference set settled_at = remit_now(), settled_how = 'left', settled_by = ${by}, planned = null, cleared = false
      where id = any (${ids}::uuid[]) and settled_at is null
        and not exists (select 1 from account a where a.id = account_id and a.user_id = any (${selves}::uuid[])) returning 1)
    select count(*)::int as n from left_so`.execute(db);
  return rows[0]!.n;
}
