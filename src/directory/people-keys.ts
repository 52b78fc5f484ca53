import { type Kysely, type RawBuilder, sql } from 'kysely';
import { everywhere, isAtOrBelow, type Place } from '../authority/place.ts';
import type { Region } from '../authority/reach.ts';
import type { DB } from '../platform/schema.gen.ts';

/**
 * Which index a page of people by name walks. Every shape gives the same people; which one is taken depends on how many
 * stand in the place, as far as this process knows, and changes the time only:
 *   few people            their paths' range, sorted
 *   up to 40 anchors      a short walk by name under each anchor, merged (sql/0009)
 *   more than that        the walk by name past everybody: every thirtieth or so is one of ours
 * A reach of several boxes is the union of their pages.
 */
export type NamePage = {
  /** what else a row of somebody who has not left has to meet, over `membership m` */
  where: RawBuilder<boolean>;
  /** beyond the last row of the page before */
  beyond: RawBuilder<boolean> | undefined;
  descending: boolean;
  limit: number;
};

/** Merging more walks than this costs as much as walking past the others. */
const mostAnchors = 40;
/** Pages of more boxes than this are one walk with an OR: their union would be planned longer than it runs. */
export const mostBoxes = 8;

/** Rows (id, sort_name, key) of one page inside one region, in their order. */
export function keysIn({ place, holes, users, reports }: Region, anchors: readonly string[], page: NamePage) {
  // Named people and reports have indexes of their own; one organization alone is a range in the order asked for.
  if (place.path === everywhere.path || !place.below || users || reports.length > 0) return plainKeys(page);
  const large = anchors.includes(place.path);
  if (!large) return sortedKeys(page);
  const cut = holes.filter(({ below }) => below);
  const inside = anchors.filter(
    (path) => isAtOrBelow(path, place.path) && !cut.some((hole) => isAtOrBelow(path, hole.path)),
  );
  return inside.length > mostAnchors ? walkedKeys(page) : anchoredKeys(place, cut, page);
}

const orderOf = ({ descending }: NamePage, of: string): RawBuilder<unknown> =>
  sql.raw(descending ? `${of}.sort_name desc, ${of}.id desc` : `${of}.sort_name, ${of}.id`);

const conditions = ({ where, beyond }: NamePage): RawBuilder<unknown> =>
  sql`m.state <> 'ended' and ${where} ${beyond ? sql`and ${beyond}` : sql``}`;

/** Whatever the planner thinks best. */
export const plainKeys = (page: NamePage): RawBuilder<unknown> => sql`
  select m.id, m.sort_name, m.sort_name as key from membership m
  where ${conditions(page)} order by ${orderOf(page, 'm')} limit ${page.limit}`;

/** The place first, then the order: `offset 0` keeps the planner from walking past everybody by name. */
const sortedKeys = (page: NamePage): RawBuilder<unknown> => sql`
  select m.id, m.sort_name, m.sort_name as key from (
    select m.id, m.sort_name from membership m where ${conditions(page)} offset 0
  ) m order by ${orderOf(page, 'm')} limit ${page.limit}`;

/** The order first, then the rest: the planner knows little of paths and takes the wrong index for some. */
const inOrder = (page: NamePage, under: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select m.id, m.sort_name, m.sort_name as key from (
    select m.* from membership m where m.state <> 'ended' ${under} ${page.beyond ? sql`and ${page.beyond}` : sql``}
    order by ${orderOf(page, 'm')} offset 0
  ) m where ${page.where} order by ${orderOf(page, 'm')} limit ${page.limit}`;

const walkedKeys = (page: NamePage): RawBuilder<unknown> => inOrder(page, sql``);

/** From few users to their memberships. */
export const keysOfUsers = (users: RawBuilder<unknown>, page: NamePage): RawBuilder<unknown> => sql`
  select m.id, m.sort_name, m.sort_name as key from (select distinct u.id from (${users}) u offset 0) u
  cross join lateral (select m.* from membership m where m.user_id = u.id offset 0) m
  where ${conditions(page)} order by ${orderOf(page, 'm')} limit ${page.limit}`;

/**
 * Everybody below the place is filed under an anchor below it, or else under the nearest above: right whatever the
 * anchors are at this moment, because the same statement reads them.
 */
const anchoredKeys = ({ path }: Place, cut: { path: string }[], page: NamePage): RawBuilder<unknown> => sql`
  select m.id, m.sort_name, m.sort_name as key from (
    select a.path from people_anchor a where a.path >= ${path} and a.path < ${`${path}/`}
      ${sql.join(
        cut.map((hole) => sql`and not (a.path >= ${hole.path} and a.path < ${`${hole.path}/`})`),
        sql` `,
      )}
    union all
    select nearest_anchor(${path}) where not exists (select 1 from people_anchor a where a.path = ${path})
  ) a cross join lateral (${inOrder(page, sql`and m.anchor = a.path`)}) m order by ${orderOf(page, 'm')} limit ${page.limit}`;

const known = new WeakMap<Kysely<DB>, { paths: string[]; until: number }>();
const keptMs = 60_000;

/** The anchors as this process last read them; a guide to the quickest shape, never to who is shown. */
export async function knownAnchors(db: Kysely<DB>): Promise<readonly string[]> {
  const kept = known.get(db);
  if (kept && kept.until > performance.now()) return kept.paths;
  const { rows } = await sql<{ path: string }>`select path from people_anchor`.execute(db);
  const paths = rows.map(({ path }) => path);
  known.set(db, { paths, until: performance.now() + keptMs });
  return paths;
}
