import { type Kysely, sql } from 'kysely';
import { inReach, type Reach } from '../../authority/reach.ts';
import { newId } from '../../platform/ids.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { Connector } from '../connectors/connector.ts';
import { readTarget } from '../store.ts';
import { look, seeingOf } from '../wanted/look.ts';
import type { DifferenceView } from './difference-view.ts';

type Db = Kysely<DB>;

export type Difference = {
  id: string;
  kind: DifferenceView['kind'];
  targetId: string;
  accountId: string | null;
  externalId: string | null;
  userId: string | null;
  settled: boolean;
};

export async function lockDifference(db: Db, id: string): Promise<Difference> {
  const { rows } = await sql<Difference>`
    select d.id, d.kind, d.target_id as "targetId", d.account_id as "accountId", d.external_id as "externalId",
      (select user_id from account where id = d.account_id) as "userId", d.settled_at is not null as settled
    from difference d where d.id = ${id} for no key update of d`.execute(db);
  return rows[0]!;
}

export async function noteSettled(db: Db, id: string, how: string, by: string | null): Promise<void> {
  await sql`update difference set settled_at = remit_now(), settled_how = ${how}, settled_by = ${by} where id = ${id}`.execute(
    db,
  );
}

/**
 * Has an account brought to what it should be: it is read, and whatever differs is written. Nothing is done here that
 * sending would not do by itself; what would be taken away goes by the brake as ever.
 */
export async function mend(db: Db, { kind, accountId, targetId }: Difference): Promise<void> {
  // Whose it is, or which of two, is nothing that Remit can know.
  if (accountId === null || kind === 'orphan' || kind === 'double') throw refuse('difference.not-mendable');
  await sql`
    update account set stands = 'unsure', there_digest = '', generation = generation + 1, marked_at = remit_now(), due_at = remit_now(),
      dead_at = null, ignored = null, attempts = 0, failing_since = null, version = version + 1
    where id = ${accountId}`.execute(db);
  await sendJob(db, 'target', { provisioningTargetId: targetId });
}

/**
 * Takes an account that somebody else made as a person's own: from then on it is looked after like one that Remit made.
 * Only of somebody who is to have one there: it would be switched off at once else.
 * @returns whose it is now
 */
export async function adopt(
  db: Db,
  { kind, externalId, targetId }: Difference,
  {
    membershipId,
    people,
    connectors,
  }: {
    membershipId: string | undefined;
    people: Reach;
    connectors: (name: string) => Connector | undefined;
  },
): Promise<string> {
  if (kind !== 'orphan' || externalId === null || membershipId === undefined)
    throw refuse('difference.not-adoptable');
  const { rows: found } = await sql<{ userId: string }>`
    select m.user_id as "userId" from membership m where m.id = ${membershipId}
      and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)}`.execute(db);
  const userId = found[0]?.userId;
  if (!userId) throw refuse('not-found');
  const target = (await readTarget(db, targetId))!;
  const { looks } = await look(
    db,
    await seeingOf(db, target, connectors(target.connector)!),
    [userId],
    new Map(),
  );
  if (looks.get(userId)?.desired.presence !== 'enabled') throw refuse('difference.nothing-held');
  const { rows } = await sql<{ id: string }>`
    insert into account as a (id, target_id, user_id, correlation, external_id, stands, wanted, due_at)
    select ${newId()}, ${targetId}, ${userId}, ${userId}, ${externalId}, 'unsure', 'enabled', remit_now()
    where not exists (select 1 from account where target_id = ${targetId} and external_id = ${externalId})
    on conflict (target_id, user_id) do update set external_id = excluded.external_id, stands = 'unsure', there_digest = '',
      generation = a.generation + 1, marked_at = remit_now(), due_at = remit_now(), dead_at = null, ignored = null, attempts = 0,
      failing_since = null, version = a.version + 1
    where a.external_id is null and a.leased_until is null returning id`.execute(db);
  if (rows.length === 0) throw refuse('difference.has-account');
  await sendJob(db, 'target', { provisioningTargetId: targetId });
  return userId;
}
