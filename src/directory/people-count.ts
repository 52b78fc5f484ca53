import { type Kysely, type RawBuilder, sql } from 'kysely';
import { everywhere, isAtOrBelow } from '../authority/place.ts';
import type { Reach } from '../authority/reach.ts';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';

/**
 * How many memberships a reach of whole places holds, by the counts that are kept for each organization (sql/0009), or
 * undefined where people have to be looked at one by one. Right at every moment: what was folded and what came since
 * are read by one statement, and so are those whose last day is over and who are not tidied away yet.
 */
export async function countByPlace(
  db: Kysely<DB>,
  { regions }: Reach,
  at: Date,
): Promise<number | undefined> {
  const terms: RawBuilder<unknown>[] = [];
  for (const [index, { place, holes, users, reports, without }] of regions.entries()) {
    if (users || reports.length > 0 || (without?.length ?? 0) > 0 || !place.below) return undefined;
    const path = placeOf(place);
    // One inside another would be counted twice.
    if (regions.some((other, at) => at !== index && isAtOrBelow(path, placeOf(other.place))))
      return undefined;
    if (holes.some((hole) => hole.below && isAtOrBelow(path, hole.path))) continue;
    terms.push(standing(path, at));
    const inside = holes.filter((hole) => isAtOrBelow(hole.path, path));
    if (inside.some((hole) => !hole.below)) return undefined;
    for (const hole of new Set(inside.map((one) => one.path)))
      if (!inside.some((other) => other.path !== hole && isAtOrBelow(hole, other.path)))
        terms.push(sql`-${standing(hole, at)}`);
  }
  if (terms.length === 0) return 0;
  const mark = terms.length === 1 ? prepared : sql``;
  const { rows } = await sql<{
    count: number;
  }>`${mark} select (${sql.join(terms, sql` + `)})::bigint as count`.execute(db);
  return rows[0]!.count;
}

const placeOf = ({ path }: { path: string }): string => (path === everywhere.path ? 'r' : path);

const standing = (path: string, at: Date): RawBuilder<unknown> => sql`(
  coalesce((select t.people from people_total t where t.path = ${path}), 0)
  + coalesce((select sum(d.people) from people_delta d where d.path >= ${path} and d.path < ${`${path}/`}), 0)
  - (select count(*) from membership m where m.state <> 'ended' and m.ends_at < 'infinity' and m.ends_at <= ${at}
      and m.path >= ${path} and m.path < ${`${path}/`}))`;
