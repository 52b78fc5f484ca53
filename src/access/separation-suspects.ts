import { type Kysely, sql } from 'kysely';
import { inReach, type Reach } from '../authority/reach.ts';
import type { DB } from '../platform/schema.gen.ts';

/**
 * Who could have too many of a separation of duties, in the order of a page of conflicts: by name, then by set. Two ways
 * to the same people: past everybody by name, which is short where many have too many; and by what was given, which is
 * short where few have it.
 */
export type Filter = { reach: Reach; separationId: string | undefined };
export type Key = { sortName: string; userId: string; separationId: string };
export type Suspects = { keys: readonly Key[]; upTo: Key | undefined; over: boolean };

/** The active sets that are asked about, in sight of the reader. */
export const setsOf = ({ reach, separationId }: Filter) => sql`
  select s.id, s.name, s.too_many, o.path from separation s join organization o on o.id = s.organization_id
  where s.state = 'active' and ${inReach(reach, sql`o.path`)} ${separationId ? sql`and s.id = ${separationId}` : sql``}`;

const beyond = (of: string, after: Key | undefined) =>
  after
    ? sql`and (${sql.raw(`${of}.sort_name, ${of}.user_id, ${of}.separation_id`)}) > (${after.sortName}, ${after.userId}::uuid, ${after.separationId}::uuid)`
    : sql``;

/** After everybody of a name. */
const last = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** Keys of one answer, where very many share a name or have too many. */
const most = 10_000;

/**
 * Everybody in sight among the next people by name, whoever they are; all who share the last of these names with them.
 * @param many so many memberships are walked past, and what follows of the last name
 */
export async function nextByName(
  db: Kysely<DB>,
  filter: Filter,
  after: Key | undefined,
  many: number,
): Promise<Suspects> {
  const from = !after
    ? // both ends of the range are said, or the planner takes it for a third of everybody
      sql`m.sort_name >= ''`
    : after.userId === last
      ? sql`m.sort_name > ${after.sortName}`
      : sql`m.sort_name >= ${after.sortName}`;
  const { rows } = await sql<{ edge: string | null; walked: number; keys: Key[] | null }>`
    with sets as materialized (${setsOf(filter)}),
    edge as materialized (
      select max(w.sort_name) as name, count(*)::int as walked from (
        select m.sort_name from membership m where m.state <> 'ended' and ${from} order by m.sort_name, m.id limit ${many}) w
    ),
    -- people first: with many sets the planner would look through the place of each, and one of them is everybody's
    walked as materialized (
      select m.sort_name, m.user_id, m.path from membership m where m.state <> 'ended' and ${from} and m.sort_name <= (select e.name from edge e)
        and ${inReach(filter.reach, sql`m.path`, sql`m.user_id`)}
    ),
    found as (
      select m.sort_name, m.user_id, s.id as separation_id
      from walked m join sets s on m.path >= s.path and m.path < s.path || '/'
      -- of several memberships the first by name is the place on the page; offset 0 lets these people alone be looked up
      where not exists (select 1 from membership x where x.user_id = m.user_id and x.state <> 'ended' and x.sort_name < m.sort_name
          and x.path >= s.path and x.path < s.path || '/' and ${inReach(filter.reach, sql`x.path`, sql`x.user_id`)} offset 0)
      group by 1, 2, 3
    ),
    part as (select f.* from found f where true ${beyond('f', after)} order by f.sort_name, f.user_id, f.separation_id limit ${most})
    select e.name as edge, e.walked, (select jsonb_agg(jsonb_build_object('sortName', f.sort_name, 'userId', f.user_id, 'separationId', f.separation_id)
      order by f.sort_name, f.user_id, f.separation_id) from part f) as keys
    from edge e`.execute(db);
  const { edge, walked, keys } = rows[0]!;
  if (keys?.length === most) return { keys, upTo: keys.at(-1), over: false };
  const upTo = edge === null ? after : { sortName: edge, userId: last, separationId: last };
  return { keys: keys ?? [], upTo, over: walked < many };
}

/** Whoever was given as many of a set as are too many, whenever. What it costs is up to how many were given any of it. */
export async function nextByGivings(
  db: Kysely<DB>,
  filter: Filter,
  after: Key | undefined,
): Promise<Suspects> {
  const { rows } = await sql<Key>`
    with sets as materialized (${setsOf(filter)}),
    found as (
      select min(m.sort_name) as sort_name, x.user_id, x.separation_id
      from separation_suspects(array(select id from sets)) x join sets s on s.id = x.separation_id
      join membership m on m.user_id = x.user_id and m.state <> 'ended' and m.path >= s.path and m.path < s.path || '/'
      where ${inReach(filter.reach, sql`m.path`, sql`m.user_id`)} group by x.separation_id, x.user_id
    )
    select f.sort_name as "sortName", f.user_id as "userId", f.separation_id as "separationId" from found f
    where true ${beyond('f', after)} order by f.sort_name, f.user_id, f.separation_id limit ${most}`.execute(
    db,
  );
  return { keys: rows, upTo: rows.at(-1) ?? after, over: rows.length < most };
}
