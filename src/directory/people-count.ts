import { type Kysely, type RawBuilder, sql } from 'kysely';
import { everywhere, isAtOrBelow } from '../authority/place.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';

/** Memberships, and those among them that are not of somebody's home organization. */
export type Kept = { count: number; further: number };

/**
 * How many memberships a reach of whole places holds, by the counts that are kept for each organization (sql/0009), or
 * undefined where people have to be looked at one by one. Right at every moment: what was folded and what came since
 * are read by one statement, and so are those whose last day is over and who are not tidied away yet.
 */
export async function countByPlace(db: Kysely<DB>, { regions }: Reach, at: Date): Promise<Kept | undefined> {
  const places: { path: string; sign: 1 | -1 }[] = [];
  for (const [index, { place, holes, users, reports, without }] of regions.entries()) {
    if (users || reports.length > 0 || (without?.length ?? 0) > 0 || !place.below) return undefined;
    const path = placeOf(place);
    // One inside another would be counted twice.
    if (regions.some((other, at) => at !== index && isAtOrBelow(path, placeOf(other.place))))
      return undefined;
    if (holes.some((hole) => hole.below && isAtOrBelow(path, hole.path))) continue;
    places.push({ path, sign: 1 });
    const inside = holes.filter((hole) => isAtOrBelow(hole.path, path));
    if (inside.some((hole) => !hole.below)) return undefined;
    for (const hole of new Set(inside.map((one) => one.path)))
      if (!inside.some((other) => other.path !== hole && isAtOrBelow(hole, other.path)))
        places.push({ path: hole, sign: -1 });
  }
  if (places.length === 0) return { count: 0, further: 0 };
  const parts = places.map(({ path, sign }) => standing(path, sign, at));
  const mark = parts.length === 1 ? prepared : sql``;
  const { rows } =
    await sql<Kept>`${mark} select coalesce(sum(k.people), 0)::bigint as count, coalesce(sum(k.further), 0)::bigint as further from (
    ${sql.join(parts, sql` union all `)}) k`.execute(db);
  return rows[0]!;
}

const placeOf = ({ path }: { path: string }): string => (path === everywhere.path ? 'r' : path);

/** What was folded, what came since, and less those whose last day is over. */
const standing = (path: string, sign: 1 | -1, at: Date): RawBuilder<unknown> => sql`
  select ${sign}::int * k.people as people, ${sign}::int * k.further as further from (
    select t.people, t.further from people_total t where t.path = ${path}
    union all select d.people, d.further from people_delta d where d.path >= ${path} and d.path < ${`${path}/`}
    union all select -1, -m.further::int from membership m where m.state <> 'ended' and m.ends_at < 'infinity' and m.ends_at <= ${at}
      and m.path >= ${path} and m.path < ${`${path}/`}) k`;

/** How many different people: exactly that many where both are the same. */
export type People = { atLeast: number; atMost: number };

/** Whoever belongs to several organizations is looked up, as long as these are no more. */
const mostLookedUp = 2_000;

/**
 * How many people these memberships belong to. At most one live membership is in somebody's home organization, so only
 * the further ones can count somebody again.
 * @param where over `membership m`; finds live ones only
 */
export async function peopleIn(
  db: Kysely<DB>,
  { count, further }: Kept,
  where: RawBuilder<boolean>,
): Promise<People> {
  if (further > mostLookedUp) return { atLeast: Math.max(count - further, 1), atMost: count };
  if (further === 0) return { atLeast: count, atMost: count };
  const { rows } = await sql<{ people: number }>`
    select count(*) as people from (select distinct m.user_id as id from membership m where m.further and ${where} offset 0) u
    where not exists (select 1 from membership m where m.user_id = u.id and not m.further and ${where})`.execute(
    db,
  );
  const people = count - further + rows[0]!.people;
  return { atLeast: people, atMost: people };
}

/**
 * How many memberships stand at and below organization `o`, as far as the reach goes: by the kept counts where one of its
 * places holds the whole of it, else one by one.
 */
export function peopleBelow(reach: Reach, at: Date): RawBuilder<number> {
  const inside = (path: RawBuilder<unknown>, top: RawBuilder<unknown>): RawBuilder<boolean> =>
    sql<boolean>`(${path} >= ${top} and ${path} < ${top} || '/')`;
  const o = sql`o.path`;
  const counted = sql<number>`(select count(*) from membership m where ${inside(sql`m.path`, o)} and m.state <> 'ended'
    and m.ends_at > ${at} and ${inReach(reach, sql`m.path`, sql`m.user_id`)})`;
  const whole = (reach.reachesOff ? reach.regions : []).flatMap(
    ({ place, holes, users, reports, without }) => {
      if (!place.below || users || reports.length > 0 || (without?.length ?? 0) > 0) return [];
      const cut = holes.map(({ path }) => sql`${path}::text collate "C"`);
      return [
        sql`(${sql.join(
          [
            inside(o, sql`${placeOf(place)}::text collate "C"`),
            ...cut.map((hole) => sql`not ${inside(o, hole)} and not ${inside(hole, o)}`),
          ],
          sql` and `,
        )})`,
      ];
    },
  );
  if (whole.length === 0) return counted;
  return sql<number>`(case when ${sql.join(whole, sql` or `)} then
    coalesce((select t.people from people_total t where t.path = o.path), 0)
    + coalesce((select sum(d.people) from people_delta d where ${inside(sql`d.path`, o)}), 0)
    - (select count(*) from membership m where m.state <> 'ended' and m.ends_at < 'infinity' and m.ends_at <= ${at} and ${inside(sql`m.path`, o)})
    else ${counted} end)::bigint`;
}
