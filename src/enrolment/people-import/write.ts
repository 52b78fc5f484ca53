import { type RawBuilder, sql } from 'kysely';
import { updateMembership } from '../../directory/update-membership.ts';
import type { Change, Context } from '../../operation/operation.ts';
import { isRefusal } from '../../operation/raised.ts';
import { type Refusal, refuse } from '../../platform/refusals.ts';
import { asProblem, type Chains, checkNew, inStretch, type Stretch } from './ceiling.ts';
import { fillGroups, giveRoles } from './roles.ts';

export const workName = 'people-import.apply';

/** Who did it, when and by which request: the same in every event of the work. */
function source({ at, actor, requestId }: Context): RawBuilder<unknown> {
  const id = actor.kind === 'user' ? actor.userId : actor.kind === 'client' ? actor.clientId : null;
  const membershipId = actor.kind === 'user' ? actor.membershipId : null;
  return sql`${at}::timestamptz, ${workName}, ${actor.kind}, ${id}::uuid, ${membershipId}::uuid, ${requestId}`;
}

/**
 * Brings in the new people of a stretch: their rows and the events of these by the same statements, from what is staged.
 * What the database refuses of many (no seat left, roles that may not be had together) is found by halves, so that
 * everybody else comes in.
 * @param until `performance.now()` after which no further half is begun: everybody else waits for the lock
 * @returns the line up to which all are in, or have the reason why not
 * @throws Refusal the first one, where all or nothing was asked
 */
export async function bringIn(
  context: Context,
  stretch: Stretch,
  all: boolean,
  until: number,
): Promise<number> {
  const chains = await checkNew(context, stretch, all);
  await lockPlaces(context, stretch);
  const apart = stretch.managers && (await lineMatters(context, stretch));
  return inHalves(context, stretch, { all, until }, async (part) => {
    await write(context, part, chains, apart);
    if (apart) await recordManagers(context, part);
    if (part.roles) await giveRoles(context, part);
    if (part.groups) await fillGroups(context, part);
  });
}

/** Whoever copies a path holds the organization where it is; days were reckoned in its zone of then. */
async function lockPlaces({ db }: Context, stretch: Stretch): Promise<void> {
  await sql`select o.id from organization o
    where o.id in (select r.organization_id from people_import_row r where ${inStretch(stretch)}) order by o.id for key share of o`.execute(
    db,
  );
  await sql`update people_import_row r set problem = '{"code": "changed"}' from organization o
    where ${inStretch(stretch)} and o.id = r.organization_id
      and (o.time_zone <> r.time_zone and (r.first_day is not null or r.last_day is not null) or o.state = 'closed'
        or exists (select 1 from import_key k join people_import i on i.id = r.import_id
          where k.top_organization_id = i.organization_id and k.kind = 'user' and k.key = r.key))`.execute(
    db,
  );
}

async function write(context: Context, stretch: Stretch, chains: Chains, apart: boolean): Promise<void> {
  const { db } = context;
  const rows = sql`
    chains as (select * from jsonb_to_recordset(${JSON.stringify(chains)}::jsonb) as c (organization_id uuid, delegations uuid[])),
    rows as materialized (
      select r.*, o.path, c.delegations from people_import_row r join organization o on o.id = r.organization_id
      join chains c on c.organization_id = r.organization_id where ${inStretch(stretch)} order by r.line
    )`;
  const events = sql`
    insert into event (id, type, target_kind, target_id, organization_id, path, subject_id, after, personal, delegations,
      at, operation, actor_kind, actor_id, actor_membership_id, request_id)`;
  await sql`
    with ${rows},
    made as (
      insert into app_user (id, home_organization_id, display_name, given_name, family_name, email)
      select user_id, organization_id, display_name, coalesce(given_name, ''), coalesce(family_name, ''), email from rows
    ),
    kept as (
      insert into import_key (top_organization_id, kind, key, id)
      select i.organization_id, 'user', r.key, r.user_id from rows r join people_import i on i.id = r.import_id
    )
    ${events}
    select new_id(${context.at}), 'user.created', 'user', user_id, organization_id, path, user_id,
      jsonb_build_object('id', user_id, 'homeOrganizationId', organization_id, 'state', 'active', 'emailProved', false),
      jsonb_build_object('displayName', display_name, 'email', email, 'userName', null), coalesce(delegations, '{}'), ${source(context)}
    from rows`.execute(db);
  await sql`
    with ${rows},
    made as (
      insert into membership (id, user_id, organization_id, path, sort_name, title, attributes, line_manager_id, first_day, last_day, starts_at, ends_at)
      select membership_id, user_id, organization_id, path, sort_name, coalesce(title, ''),
        jsonb_strip_nulls(coalesce(attributes, '{}')), ${apart ? sql`null` : sql`manager_id`}, first_day, last_day, starts_at, ends_at
      from rows
      returning id, user_id, organization_id, path, title, attributes, line_manager_id, first_day, last_day, starts_at, ends_at
    )
    ${events}
    select new_id(${context.at}), 'membership.created', 'membership', m.id, m.organization_id, m.path, m.user_id,
      jsonb_build_object('id', m.id, 'userId', m.user_id, 'organizationId', m.organization_id, 'path', m.path,
        'lineManagerId', m.line_manager_id, 'firstDay', m.first_day, 'lastDay', m.last_day, 'startsAt', ${instant(sql`m.starts_at`)},
        'endsAt', ${instant(sql`m.ends_at`)}, 'state', 'active', 'endedAt', null, 'version', 1),
      jsonb_build_object('title', m.title, 'attributes', m.attributes), coalesce(c.delegations, '{}'), ${source(context)}
    from made m left join chains c on c.organization_id = m.organization_id`.execute(db);
}

/** As the process writes it: milliseconds in UTC, and words for the far ends of time. */
const instant = (column: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  case when isfinite(${column}) then to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') else ${column}::text end`;

/**
 * Does anybody gain anything by having these reports? Mostly not: then line managers are recorded with the people. What
 * line managers have anywhere counts, and links over the reports of somebody in the line above.
 */
async function lineMatters({ db, actor }: Context, stretch: Stretch): Promise<boolean> {
  if (actor.kind === 'system' || actor.kind === 'operator') return false;
  const { rows } = await sql<{ matters: boolean }>`
    with managers as (
      select distinct r.manager_id as id from people_import_row r where ${inStretch(stretch)} and r.manager_id is not null
    ),
    over_reports as materialized (
      select d.id, coalesce(o.of #>> '{}', d.delegate_membership_id::text) as of from delegation d
      left join lateral jsonb_path_query(d.scope, '$[*].reports.of') o (of) on true
      where d.state <> 'ended' and jsonb_path_exists(d.scope, '$[*] ? (exists (@.reports))')
    )
    select exists (select 1 from managers) and (
      exists (select 1 from access_rule a where a.relation = 'line-managers' and a.state = 'active' and a.ends_at > remit_now())
      or exists (select 1 from delegation d where d.delegate_kind = 'relation' and d.relation = 'line-managers' and d.state <> 'ended')
      or exists (select 1 from over_reports x where x.of is null or exists (
        select 1 from managers g join membership m on m.id = g.id where m.id::text = x.of or x.of = any (m.line::text[])))
    ) as matters`.execute(db);
  return rows[0]!.matters;
}

/** For whatever minds a part as a whole (connected systems): who came in, whose events the statements wrote. */
export async function newcomers({ db }: Context, stretch: Stretch): Promise<Change[]> {
  const { rows } = await sql<{ id: string; userId: string; organizationId: string; path: string }>`
    select m.id, m.user_id as "userId", m.organization_id as "organizationId", m.path
    from people_import_row r join membership m on m.id = r.membership_id where ${inStretch(stretch)}`.execute(
    db,
  );
  return rows.map(({ id, userId, organizationId, path }) => ({
    type: 'membership.created',
    targetKind: 'membership',
    targetId: id,
    organizationId,
    path,
    subjectId: userId,
  }));
}

async function recordManagers(context: Context, stretch: Stretch): Promise<void> {
  const { rows } = await sql<{ membershipId: string; managerId: string }>`
    select r.membership_id as "membershipId", r.manager_id as "managerId" from people_import_row r
    where ${inStretch(stretch)} and r.manager_id is not null order by r.line`.execute(context.db);
  for (const { membershipId, managerId } of rows)
    await updateMembership(context, { membershipId, lineManagerId: managerId });
}

/**
 * Does a part of the work; where it is refused, its halves, and so on down to the one row that gets the reason.
 * @returns the last line that was done
 */
async function inHalves(
  context: Context,
  stretch: Stretch,
  how: { all: boolean; until: number },
  work: (part: Stretch) => Promise<void>,
): Promise<number> {
  const done = await context.attempt(() => work(stretch).catch(asRefusal));
  if (done.ok) return stretch.to;
  if (how.all) throw done.refusal;
  const { rows } = await sql<{ count: number; middle: number }>`
    select count(*) as count, percentile_disc(0.5) within group (order by r.line) as middle
    from people_import_row r where ${inStretch(stretch)}`.execute(context.db);
  const { count, middle } = rows[0]!;
  if (count <= 1) {
    await sql`update people_import_row r set problem = ${JSON.stringify(asProblem(done.refusal))}::jsonb where ${inStretch(stretch)}`.execute(
      context.db,
    );
    return stretch.to;
  }
  const reached = await inHalves(context, { ...stretch, to: middle }, how, work);
  if (reached < middle || performance.now() > how.until) return reached;
  return inHalves(context, { ...stretch, from: middle }, how, work);
}

/** Somebody made the same thing by hand in this moment. */
export function asRefusal(error: unknown): never {
  if (!isRefusal(error) && ['23505', '23503'].includes(String((error as { code?: unknown })?.code)))
    throw refuse('people-import.changed');
  throw error as Refusal;
}
