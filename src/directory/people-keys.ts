import { type Kysely, type RawBuilder, sql } from 'kysely';
import { everywhere, isAtOrBelow, type Place } from '../authority/place.ts';
import type { Region } from '../authority/region.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Ground } from './people-ground.ts';

/**
 * Which index a page of people by name walks. Every shape gives the same people; which one is taken depends on how many
 * stand in the place, as far as this process knows, and changes the time only:
 *   few people              their paths' range, sorted
 *   up to 40 anchors        a short walk by name under each anchor, merged (sql/0009)
 *   more than that          the walk by name past everybody: every thirtieth or so is one of ours
 *   many who report         the same walk, past everybody whose signature does not name the manager (sql/0015)
 *   a search in a large one the pieces of its words under each anchor (sql/0015)
 * A reach of several boxes is the union of their pages.
 */
export type NamePage = {
  /** what else a row of somebody who has not left has to meet, over `membership m` */
  where: RawBuilder<boolean>;
  /** beyond the last row of the page before */
  beyond: RawBuilder<boolean> | undefined;
  descending: boolean;
  limit: number;
  /** a search: pieces of which every row of the page has all, and what of the condition an index says itself */
  search?: { pieces: readonly string[]; where: RawBuilder<boolean> } | undefined;
};

/** Merging more walks than this costs as much as walking past the others. */
const mostAnchors = 40;
/** Pages of more boxes than this are one walk with an OR: their union would be planned longer than it runs. */
export const mostBoxes = 8;
/** Names looked at in order before a search in a large place asks for pieces: what many have is found by then. */
const mostWalked = 15_000;

/** Rows (id, sort_name, key) of one page inside one region, in their order. */
export async function keysIn(
  db: Kysely<DB>,
  { place, holes, users, reports }: Region,
  ground: Ground,
  page: NamePage,
): Promise<RawBuilder<unknown>> {
  const [report] = reports;
  if (report?.depth === 'all' && !users && (await ground.isLongWay(db, report.of)))
    return signedKeys(place, report.of, page);
  const path = place.path === everywhere.path ? 'r' : place.path;
  // Named people and reports have indexes of their own; one organization alone is a range in the order asked for.
  if (!place.below || users || report || (place.path === everywhere.path && !page.search))
    return plainKeys(page);
  const large = ground.anchors.includes(path);
  if (!large) return sortedKeys(page);
  const cut = holes.filter(({ below }) => below);
  const inside = ground.anchors.filter(
    (anchor) => isAtOrBelow(anchor, path) && !cut.some((hole) => isAtOrBelow(anchor, hole.path)),
  );
  const few = inside.length <= mostAnchors;
  if (!page.search) return few ? anchoredKeys(path, cut, page) : walkedKeys(page);
  const near = few ? undefined : await nearKeys(db, path, page.search.where, page);
  return near ?? anchoredKeys(path, cut, page, page.search.pieces);
}

const orderOf = ({ descending }: Pick<NamePage, 'descending'>, of: string): RawBuilder<unknown> =>
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

/** The page, if the first names by the order hold it already: the walk may not be longer than that. */
async function nearKeys(
  db: Kysely<DB>,
  path: string,
  searched: RawBuilder<boolean>,
  page: NamePage,
): Promise<RawBuilder<unknown> | undefined> {
  const { rows } = await sql<{ id: string; key: string }>`
    select m.id, m.sort_name as key from (
      select m.id, m.sort_name from (
      select m.id, m.sort_name, m.path, m.starts from membership m
      where m.state <> 'ended' ${page.beyond ? sql`and ${page.beyond}` : sql``}
      order by ${orderOf(page, 'm')} limit ${mostWalked}
    ) m where m.path >= ${path} and m.path < ${`${path}/`} and ${searched} order by ${orderOf(page, 'm')} offset 0
    ) w cross join lateral (select m.* from membership m where m.id = w.id offset 0) m
    where ${page.where}
    order by ${orderOf(page, 'w')} limit ${page.limit}`.execute(db);
  if (rows.length < page.limit) return undefined;
  const [ids, keys] = [rows.map(({ id }) => id), rows.map(({ key }) => key)];
  return sql`select k.id, k.key as sort_name, k.key from unnest(${ids}::uuid[], ${keys}::text[]) k (id, key)`;
}

/** By the signature in the index alone; whoever passes is looked up. */
const signedKeys = (place: Place, of: string, page: NamePage): RawBuilder<unknown> => sql`
  select m.id, m.sort_name, m.sort_name as key from (
    select m.id, m.sort_name from membership m
    where m.state <> 'ended' and m.line_bits & line_bits(array[${of}::uuid]) = line_bits(array[${of}::uuid])
      ${place.path === everywhere.path ? sql`` : place.below ? sql`and m.path >= ${place.path} and m.path < ${`${place.path}/`}` : sql`and m.path = ${place.path}`}
      ${page.beyond ? sql`and ${page.beyond}` : sql``}
    order by ${orderOf(page, 'm')} offset 0
  ) w cross join lateral (select m.* from membership m where m.id = w.id offset 0) m
  where ${page.where} order by ${orderOf(page, 'w')} limit ${page.limit}`;

/** From few users to their memberships. */
export const keysOfUsers = (users: RawBuilder<unknown>, page: NamePage): RawBuilder<unknown> => sql`
  select m.id, m.sort_name, m.sort_name as key from (select distinct u.id from (${users}) u offset 0) u
  cross join lateral (select m.* from membership m where m.user_id = u.id offset 0) m
  where ${conditions(page)} order by ${orderOf(page, 'm')} limit ${page.limit}`;

/**
 * Everybody below the place is filed under an anchor below it, or else under the nearest above: right whatever the
 * anchors are at this moment, because the same statement reads them.
 */
const anchoredKeys = (
  path: string,
  cut: { path: string }[],
  page: NamePage,
  pieces?: readonly string[],
): RawBuilder<unknown> => sql`
  select m.id, m.sort_name, m.sort_name as key from (
    select a.path from people_anchor a where a.path >= ${path} and a.path < ${`${path}/`}
      ${sql.join(
        cut.map((hole) => sql`and not (a.path >= ${hole.path} and a.path < ${`${hole.path}/`})`),
        sql` `,
      )}
    union all
    select nearest_anchor(${path}) where not exists (select 1 from people_anchor a where a.path = ${path})
  ) a cross join lateral (${pieces ? pieced(pieces, page) : inOrder(page, sql`and m.anchor = a.path`)}) m order by ${orderOf(page, 'm')} limit ${page.limit}`;

/** The pieces first, then the rest: the planner would make the pieces of everybody in the place anew. */
const pieced = (pieces: readonly string[], page: NamePage): RawBuilder<unknown> => sql`
  select m.id, m.sort_name from (
    select m.* from membership m where m.state <> 'ended'
      and name_pieces(m.anchor, m.sort_name, m.starts) @> array(select a.path || ':' || p from unnest(${pieces}::text[]) p) offset 0
  ) m where ${page.where} ${page.beyond ? sql`and ${page.beyond}` : sql``}`;
