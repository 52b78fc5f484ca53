import { type Kysely, sql } from 'kysely';
import { openEgressSockets } from '../../platform/egress-socket.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { type Connector, ConnectorError, type Session } from '../connectors/connector.ts';
import type { Sending } from '../sending/kept-connections.ts';
import { secretsOf, type TargetRow } from '../store.ts';
import { whoSaved } from '../wanted/people.ts';

type Db = Kysely<DB>;

/** Taken together; the rest is taken by the next round. */
const together = 50;

/** Tried so often, minutes apart, and then a person's. */
const mostTries = 5;
const minutesBetween = 5;

/** The longest that one round may take; milliseconds. */
const longest = 45_000;

type Claimed = {
  id: string;
  externalId: string;
  what: 'disable' | 'delete';
  /** of two that are one person's: whose */
  accountId: string | null;
};

/**
 * Switches off or deletes what is nobody's, and of two that are one person's the one that was not chosen, as far as the
 * brake has let it through. It is written down as done before it is: so nobody adopts what is being taken, and what a process that died left there is found by the next comparison.
 * @returns whether it was worth looking once more
 */
export async function takeOrphans(
  sending: Sending,
  target: TargetRow,
  connector: Connector,
): Promise<boolean> {
  const { db, config } = sending;
  if (target.state !== 'active') return false;
  const claimed = await claim(db, target);
  if (claimed.length === 0) return false;
  const undone = new Map(claimed.map((one) => [one.id, 'unbegun']));
  try {
    const session = await connector.open(target.settings, secretsOf(config, target), {
      egress: sending.egressOf(target.id),
      sockets: openEgressSockets(config.egress),
      deadline: AbortSignal.timeout(longest),
      roles: [],
      dropFolder: config.dropDir,
    });
    try {
      for (const one of claimed) {
        const problem = await take(db, session, target.id, one);
        if (problem === undefined) undone.delete(one.id);
        else undone.set(one.id, problem);
        if (problem === 'unreachable' || problem === 'slow-down') break;
      }
    } finally {
      await session.close().catch(() => {});
    }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    for (const id of undone.keys()) undone.set(id, error.problem);
  } finally {
    await giveBack(db, undone);
  }
  return undone.size === 0;
}

/** @returns the problem, where it was not done */
async function take(
  db: Db,
  session: Session,
  targetId: string,
  { id, externalId, what, accountId }: Claimed,
): Promise<string | undefined> {
  try {
    const seen = await session.read(externalId);
    // Gone by itself, or somebody's by now: nothing is to be taken.
    const { rows } = await sql<{ id: string; known: string | null }>`
      select id, external_id as known from account where target_id = ${targetId}
        and (external_id = ${externalId} or correlation = ${seen?.correlation ?? ''} or id = ${accountId})`.execute(
      db,
    );
    if (!seen || !(accountId === null ? rows.length === 0 : await isBeside(session, rows, externalId))) {
      await sql`update difference set settled_how = 'over', taken_at = null where id = ${id}`.execute(db);
      return undefined;
    }
    await (what === 'delete' ? session.delete(externalId) : session.disable(externalId));
    return undefined;
  } catch (error) {
    if (error instanceof ConnectorError) return error.problem;
    throw error;
  }
}

/** The one account that it could be is another, and that one is there: nobody is left without any. */
async function isBeside(
  session: Session,
  accounts: readonly { known: string | null }[],
  externalId: string,
): Promise<boolean> {
  const [own, ...others] = accounts;
  if (!own?.known || own.known === externalId || others.length > 0) return false;
  return (await session.read(own.known)) !== undefined;
}

async function claim(db: Db, target: TargetRow): Promise<Claimed[]> {
  const targetId = target.id;
  // Asked at use (ruling 16): whoever may not have systems connected there any more has nothing taken by a policy of theirs.
  if (await waitsByPolicy(db, targetId))
    if (!(await whoSaved(db, target)))
      await sql`update difference set planned = null, by_policy = false, cleared = false
        where target_id = ${targetId} and planned is not null and by_policy and settled_at is null`.execute(
        db,
      );
  const { rows } = await sql<Claimed>`
    with due as (
      select id from difference where target_id = ${targetId} and planned is not null and cleared and settled_at is null
        and coalesce(tried_at, '-infinity') < remit_now() - make_interval(mins => ${minutesBetween})
      order by id limit ${together} for no key update skip locked),
    counted as (
      update target set minute_calls = minute_calls + (select count(*) from due) where id = ${targetId}
        and exists (select 1 from due) returning 1)
    update difference d set settled_at = remit_now(), taken_at = remit_now(),
      settled_how = case d.planned when 'delete' then 'deleted' else 'disabled' end,
      -- how it is found from now on
      fields = case d.planned when 'disable' then '{disable}'::text[] else d.fields end
    from due where d.id = due.id returning d.id, d.external_id as "externalId", d.planned as what, d.account_id as "accountId"`.execute(
    db,
  );
  return rows;
}

async function waitsByPolicy(db: Db, targetId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from difference where target_id = ${targetId} and planned is not null and by_policy and cleared and settled_at is null limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** What could not be taken stands again; tried in vain often enough, it waits for a person. */
async function giveBack(db: Db, undone: ReadonlyMap<string, string>): Promise<void> {
  if (undone.size === 0) return;
  const rows = JSON.stringify([...undone].map(([id, problem]) => ({ id, problem })));
  await sql`
    update difference d set settled_at = null, settled_how = null, taken_at = null, fields = '{}',
      problem = case when r.problem = 'unbegun' then d.problem else r.problem end,
      attempts = d.attempts + (r.problem <> 'unbegun')::int,
      tried_at = case when r.problem = 'unbegun' then d.tried_at else remit_now() end,
      planned = case when d.attempts + (r.problem <> 'unbegun')::int >= ${mostTries} then null else d.planned end
    from jsonb_to_recordset(${rows}::jsonb) as r (id uuid, problem text) where d.id = r.id`.execute(db);
}
