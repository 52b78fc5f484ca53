import { type Kysely, sql } from 'kysely';
import { undoSeconds } from '../../access/rules.ts';
import { affectedBy, type Focus } from '../../authority/affected.ts';
import { newId } from '../../platform/ids.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { Connector } from '../connectors/connector.ts';
import { liveTargets } from '../store.ts';
import { type KnownAccount, look, type Seeing, seeingOf } from '../wanted/look.ts';
import { changingOf, type Marks } from '../wanted/value-marks.ts';
import type { MarkFocus } from './marks.ts';

type Db = Kysely<DB>;
export type Connectors = (name: string) => Connector | undefined;

/** People who are looked at together. */
const step = 1000;

/**
 * Turns a mark into accounts: everybody whom its changes may concern is looked at, at each live target, and their account
 * is marked. Some at a time, each step by itself; who goes on after a kill goes on where it was. Marking twice harms
 * nothing: it only says when to look.
 * @returns targets at which something is due now, or soon
 */
export async function workMark(db: Db, connectors: Connectors, markId: string): Promise<Set<string>> {
  const due = new Set<string>();
  for (;;) {
    const { rows } = await sql<{ focus: MarkFocus; cursor: string | null; at: Date }>`
      select focus, cursor #>> '{}' as cursor, created_at as at from mark where id = ${markId}`.execute(db);
    const [mark] = rows;
    if (!mark) return due;
    const targets = await liveTargets(db, mark.focus.targetId);
    const people =
      targets.length === 0
        ? []
        : await peopleOf(
            db,
            mark.focus,
            mark.cursor,
            targets.map(({ id }) => id),
          );
    for (const target of targets) {
      const connector = connectors(target.connector);
      // A newer process may know it: failing leaves the mark for that one.
      if (!connector) throw new Error(`no connector ${target.connector} here`);
      const concerned = await thoseOf(db, target.id, target.path, people);
      if (concerned.length === 0) continue;
      if (await evaluate(db, await seeingOf(db, target, connector), concerned, mark.at)) due.add(target.id);
    }
    if (people.length < step) await sql`delete from mark where id = ${markId}`.execute(db);
    else
      await sql`update mark set cursor = to_jsonb(${people.at(-1)}::text) where id = ${markId}
        and coalesce(cursor #>> '{}', '') < ${people.at(-1)}`.execute(db);
    if (people.length < step) return due;
  }
}

/** Marks whose job is gone, oldest first. */
export async function waitingMarks(db: Db, olderThan = 60): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from mark where created_at < remit_now() - make_interval(secs => ${olderThan}) order by created_at, id limit 100`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

const under = (paths: readonly string[]) =>
  sql`(select m.user_id from unnest(${paths}::text[]) p (path) cross join lateral (
    select m.user_id from membership m where m.path >= p.path collate "C" and m.path < (p.path || '/') collate "C" offset 0) m)`;

/**
 * The next people whom a focus may concern, in order of their ids. Memberships that ended count: their people may have an
 * account still. Who stood where in the state before need not be known: whoever had something has an account.
 */
async function peopleOf(
  db: Db,
  focus: MarkFocus,
  after: string | null,
  targets: string[],
): Promise<string[]> {
  const from = after ?? '00000000-0000-0000-0000-000000000000';
  if (
    focus.everybody ||
    (await bearsTarget(db, focus, targets)) ||
    (focus.targetId && Object.keys(focus).length === 1)
  ) {
    const { rows } = await sql<{ id: string }>`
      select u.id from app_user u where u.id > ${from} and (
        exists (select 1 from account a where a.user_id = u.id and a.target_id = any (${targets}::uuid[]))
        or exists (select 1 from membership m join target t on t.id = any (${targets}::uuid[]) join organization o on o.id = t.organization_id
          where m.user_id = u.id and m.path >= o.path and m.path < o.path || '/'))
      order by u.id limit ${step}`.execute(db);
    return rows.map(({ id }) => id);
  }
  const places = [...(focus.places ?? []), ...(focus.accessPlaces ?? []), ...(focus.forbidden ?? [])];
  const { rows } = await sql<{ id: string }>`
    with links as (
      select d.id from delegation d where d.id = any (${focus.delegations ?? []}::uuid[])
        or d.admin_role_id = any (${focus.adminRoles ?? []}::uuid[])
        or d.delegate_kind = 'client' and d.delegate_client_id = any (${focus.clients ?? []}::uuid[])),
    below as (select id from links union select d.id from links l join delegation d on d.chain @> array[l.id]),
    standing as (
      select o.path from below b join delegation d on d.id = b.id and d.delegate_kind = 'organization'
      join organization o on o.id = d.delegate_organization_id),
    things as (
      select e.id from entitlement e where e.id = any (${focus.entitlements ?? []}::uuid[]) or e.application_id = any (${focus.applications ?? []}::uuid[])
      union select r.id from access_role r where r.id = any (${focus.accessRoles ?? []}::uuid[])
      union select re.access_role_id from access_role_entitlement re join entitlement e on e.id = re.entitlement_id
        where e.id = any (${focus.entitlements ?? []}::uuid[]) or e.application_id = any (${focus.applications ?? []}::uuid[])),
    given as (
      select a.membership_id, a.organization_id from assignment a where a.id = any (${focus.assignments ?? []}::uuid[])
      union select a.membership_id, a.organization_id from things t join assignment a
        on coalesce(a.entitlement_id, a.access_role_id) = t.id and a.state = 'active'
      union select null, r.organization_id from things t join access_rule r
        on coalesce(r.entitlement_id, r.access_role_id) = t.id and r.state = 'active'),
    places as (
      select path::text from standing
      union select o.path from given g join organization o on o.id = g.organization_id),
    people as (
      select user_id from ${under(places)} named
      union select m.user_id from places p cross join lateral (
        select m.user_id from membership m where m.path >= p.path collate "C" and m.path < (p.path || '/') collate "C" offset 0) m
      union select m.user_id from membership m where m.id = any (${[...(focus.memberships ?? []), ...(focus.lineManagers ?? [])]}::uuid[])
      union select m.user_id from given g join membership m on m.id = g.membership_id
      union select d.delegate_user_id from below b join delegation d on d.id = b.id and d.delegate_kind = 'user'
      union select unnest(${[...(focus.users ?? []), ...(await related(db, focus))]}::uuid[]))
    select user_id as id from people where user_id > ${from} order by user_id limit ${step}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Whether a target rests on a right that was touched: what may be handed out there is asked again, of everybody. */
async function bearsTarget(
  db: Db,
  { delegations = [], adminRoles = [] }: MarkFocus,
  targets: string[],
): Promise<boolean> {
  if (delegations.length + adminRoles.length === 0) return false;
  const { rows } = await sql`
    select 1 from target t join delegation d on d.id = t.saved_under
    join delegation above on above.id = any (d.chain || d.id)
    where t.id = any (${targets}::uuid[]) and (above.id = any (${delegations}::uuid[]) or above.admin_role_id = any (${adminRoles}::uuid[]))
    limit 1`.execute(db);
  return rows.length > 0;
}

/**
 * Those who stand in relations by what was touched, where a rule gives by a relation or a standing delegation hangs below
 * one: seldom, and dear to find.
 */
async function related(db: Db, focus: MarkFocus): Promise<string[]> {
  const { rows } =
    await sql`select 1 where exists (select 1 from access_rule where relation is not null and state = 'active')
    or exists (select 1 from delegation where delegate_kind = 'relation' and state <> 'ended')`.execute(db);
  if (rows.length === 0) return [];
  const { members, people } = await affectedBy(db, { ...nobody, ...focus });
  const ids = [...members, ...people];
  const found = await sql<{ id: string }>`
    select distinct user_id as id from membership where id = any (${ids}::uuid[])`.execute(db);
  return found.rows.map(({ id }) => id);
}

const nobody: Focus = {
  delegations: [],
  adminRoles: [],
  clients: [],
  memberships: [],
  users: [],
  places: [],
  moves: [],
  forbidden: [],
  accessPlaces: [],
  assignments: [],
  accessRoles: [],
  entitlements: [],
  applications: [],
};

/** Of these people, those whom a target may look after: who belongs there, and who has an account. */
async function thoseOf(db: Db, targetId: string, path: string, people: readonly string[]): Promise<string[]> {
  if (people.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select u.id from unnest(${people}::uuid[]) u (id)
    where exists (select 1 from membership m where m.user_id = u.id and m.state <> 'ended' and m.path >= ${path} and m.path < ${`${path}/`})
      or exists (select 1 from account a where a.target_id = ${targetId} and a.user_id = u.id)`.execute(db);
  return rows.map(({ id }) => id);
}

const isAway = (known: KnownAccount | undefined): boolean =>
  known === undefined || known.stands === 'none' || known.stands === 'gone';

/** What is due so soon is looked out for by whoever marked it, not by the sweep of each minute; seconds. */
const soon = 60;

type Known = KnownAccount & {
  id: string;
  externalId: string | null;
  changesTo: string | null;
  agreed: boolean;
  thereMarks: Marks;
};
type Row = Omit<Known, 'deleteAfter'> & { deleteAfter: string | null };

/**
 * Looks at people's accounts afresh and writes down what is wanted of them, and whether something is due. Whoever has
 * none gets a row only when there is to be an account, now or by time.
 * @param markedAt the mark's own instant; absent: their time came, and nothing was marked
 * @returns whether anything is due now, or soon
 */
export async function evaluate(
  db: Db,
  seeing: Seeing,
  userIds: readonly string[],
  markedAt?: Date,
): Promise<boolean> {
  const targetId = seeing.target.id;
  const accounts = await knownAccounts(db, targetId, userIds);
  const { looks } = await look(db, seeing, userIds, accounts);
  const rows = [...looks].flatMap(([userId, seen]) => {
    const { desired, wanted, whole, digest, takes, concerned } = seen;
    const known = accounts.get(userId);
    if (!known && desired.presence === 'none' && !(concerned && desired.nextChangeAt)) return [];
    // What was never known to be there is made with its values; others are counted before they are written over (I49).
    const changes = seen.changes && known !== undefined && known.externalId !== null;
    const agreed = changes && known.agreed && known.changesTo === digest;
    return [
      {
        id: known?.id ?? newId(),
        userId,
        wanted: wanted ?? desired.presence,
        digest: whole,
        differs: seen.differs || (seen.changes && (!changes || agreed)),
        takes,
        changesTo: changes ? digest : null,
        changing: changes ? changingOf(seen.values, known.thereMarks) : [],
        // Access just given begins ten seconds later, and so does an account that is made ahead of it (ruling 12).
        after: markedAt && desired.presence === 'disabled' && isAway(known) ? undoSeconds : 0,
        nextChangeAt: desired.nextChangeAt,
        deleteAfter: desired.deleteAfter,
      },
    ];
  });
  if (rows.length === 0) return false;
  rows.sort((one, other) => (one.userId < other.userId ? -1 : 1));
  const { rows: due } = await sql<{ due: boolean }>`
    with r as (select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, "userId" uuid, wanted text, digest text,
      differs boolean, takes boolean, "changesTo" text, changing jsonb, after float8, "nextChangeAt" timestamptz, "deleteAfter" timestamptz)),
    written as (
      insert into account as a (id, target_id, user_id, correlation, wanted, wanted_digest, takes, changes_to, changing, next_change_at, delete_after, due_at, marked_at)
      select r.id, ${targetId}, r."userId", r."userId"::text, r.wanted, r.digest, r.takes, r."changesTo", array(select jsonb_array_elements_text(r.changing)), r."nextChangeAt", r."deleteAfter",
        case when r.differs then remit_now() + make_interval(secs => r.after) end, coalesce(${markedAt ?? null}::timestamptz, remit_now())
      from r order by r."userId"
      on conflict (target_id, user_id) do update set
        -- by time alone, too, a removal is one that has to be done in time
        generation = a.generation + case when ${markedAt !== undefined} or (excluded.takes and not a.takes) then 1 else 0 end,
        marked_at = case when excluded.takes and not a.takes or excluded.changes_to is distinct from a.changes_to
          or ${markedAt !== undefined} and a.done_generation = a.generation then excluded.marked_at else a.marked_at end,
        changes_to = excluded.changes_to, changing = excluded.changing,
        agreed = a.agreed and excluded.changes_to is not distinct from a.changes_to and excluded.changes_to is not null,
        -- who waits already goes on waiting, and whoever agrees has seen what it is by then
        held_at = case when a.held_at is null or excluded.changes_to is null then null
          when excluded.changes_to = a.changes_to and (coalesce(a.dead_at::text, a.ignored) is null
            or a.wanted = excluded.wanted and a.wanted_digest = excluded.wanted_digest) then a.held_at else date_trunc('milliseconds', remit_now()) end,
        wanted = excluded.wanted, wanted_digest = excluded.wanted_digest, takes = excluded.takes,
        cleared = a.cleared and excluded.takes,
        next_change_at = excluded.next_change_at, delete_after = excluded.delete_after,
        -- something else is wanted than what came to nothing: that begins anew, and what was ignored was something else
        dead_at = case when a.wanted <> excluded.wanted or a.wanted_digest <> excluded.wanted_digest then null else a.dead_at end,
        ignored = case when a.wanted <> excluded.wanted then null else a.ignored end,
        attempts = case when a.wanted <> excluded.wanted or a.wanted_digest <> excluded.wanted_digest then 0 else a.attempts end,
        due_at = case
          -- somebody is sending what was wanted a moment ago: they see the mark when they settle
          when excluded.due_at is not null and a.attempts > 0 and a.wanted = excluded.wanted and a.wanted_digest = excluded.wanted_digest
            then coalesce(a.due_at, excluded.due_at)
          when excluded.due_at is not null then least(a.due_at, excluded.due_at)
          -- somebody has a task for what was wanted until now
          when a.last_problem = 'waiting' then remit_now()
          when a.leased_until is not null then a.due_at
          else a.verify_at end
      returning (a.dead_at is null and (least(a.due_at, a.next_change_at) <= remit_now() + make_interval(secs => ${soon})
        -- to be let through, or not
        or a.takes and not a.cleared or a.changes_to is not null and not a.agreed and a.held_at is null)) as due)
    select coalesce(bool_or(due), false) as due from written`.execute(db);
  return due[0]!.due;
}

async function knownAccounts(
  db: Db,
  targetId: string,
  userIds: readonly string[],
): Promise<Map<string, Known>> {
  const { rows } = await sql<Row>`
    select id, user_id as "userId", stands, roles, there_digest as "thereDigest", delete_after::text as "deleteAfter",
      external_id as "externalId", changes_to as "changesTo", agreed, there_marks as "thereMarks"
    from account where target_id = ${targetId} and user_id = any (${userIds}::uuid[])`.execute(db);
  return new Map(
    rows.map((row) => [
      row.userId,
      { ...row, deleteAfter: row.deleteAfter === null ? null : new Date(row.deleteAfter) },
    ]),
  );
}

/** Looks at those whose time has come, until nobody's has. @returns whether anything is due now */
export async function evaluateByTime(db: Db, seeing: Seeing): Promise<boolean> {
  let due = false;
  for (;;) {
    const { rows } = await sql<{ id: string }>`
      select user_id as id from account where target_id = ${seeing.target.id} and next_change_at <= remit_now()
      order by next_change_at limit ${step}`.execute(db);
    if (rows.length === 0) return due;
    due =
      (await evaluate(
        db,
        seeing,
        rows.map(({ id }) => id),
      )) || due;
    if (rows.length < step) return due;
  }
}
