import { type Kysely, sql } from 'kysely';
import { inReach, type Reach } from '../authority/reach.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import { peopleBelow } from './people-count.ts';
import { escapeLike } from './rules.ts';

/** An organization as lists show it. A parent outside the reader's reach is not named. */
export type ListedOrganization = {
  id: string;
  parentId: string | null;
  name: string;
  description: string;
  state: 'active' | 'suspended' | 'closed';
  childCount: number;
  peopleCount: number;
  version: number;
};

export type OrganizationFilter = {
  reach: Reach;
  /** where people may be counted */
  people: Reach;
  parentId?: string | undefined;
  search?: string | undefined;
};

/** Children of one organization, matches of a search, or else the tops of what the reader sees. */
export async function listOrganizations(
  db: Kysely<DB>,
  filter: OrganizationFilter,
  { cursor, limit, at }: { cursor?: string | undefined; limit: number; at: Date },
): Promise<{ items: ListedOrganization[]; next?: string }> {
  const after = decodeCursor(cursor, ['text', 'uuid']);
  const conditions = [inReach(filter.reach, sql`o.path`)];
  if (filter.parentId) {
    // Asking below an organization out of reach gives what asking below an absent one gives: nothing.
    conditions.push(
      sql<boolean>`o.parent_id in (select a.id from organization a where a.id = ${filter.parentId} and ${inReach(filter.reach, sql`a.path`)})`,
    );
  }
  if (filter.search)
    conditions.push(sql<boolean>`lower(o.name) like ${`%${escapeLike(filter.search.toLowerCase())}%`}`);
  if (!filter.parentId && !filter.search) conditions.push(isTop(filter.reach));
  if (after) conditions.push(sql<boolean>`(lower(o.name), o.id) > (${after[0]}, ${after[1]}::uuid)`);
  const { rows } = await sql<ListedOrganization & { key: string }>`
    select o.id, p.id as "parentId", o.name, o.description, o.state, o.version, lower(o.name) as key,
      (select count(*) from organization c where c.parent_id = o.id and ${inReach(filter.reach, sql`c.path`)}) as "childCount",
      ${peopleBelow(filter.people, at)} as "peopleCount"
    from (
      select o.* from organization o where ${sql.join(conditions, sql` and `)}
      order by lower(o.name), o.id limit ${limit + 1}
    ) o
    left join organization p on p.id = o.parent_id and ${inReach(filter.reach, sql`p.path`)}
    order by lower(o.name), o.id`.execute(db);
  return toPage(rows, limit, (row) => [row.key, row.id]);
}

/** In reach, with a parent that is not. Only a region's own place, or a child of a lone hole, can be one. */
function isTop(reach: Reach) {
  const places = reach.regions.map(({ place }) => place.path);
  const holes = reach.regions.flatMap((region) =>
    region.holes.filter((hole) => !hole.below).map((hole) => hole.path),
  );
  return sql<boolean>`(o.parent_id is null or o.path = any (${places}::text[])
      or o.parent_id in (select h.id from organization h where h.path = any (${holes}::text[])))
    and not exists (select 1 from organization a where a.id = o.parent_id and ${inReach(reach, sql`a.path`)})`;
}

/** The organizations from the top down to this one, as far as the reader sees them. */
export async function breadcrumbs(
  db: Kysely<DB>,
  path: string,
  reach: Reach,
): Promise<{ id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select o.id, o.name from organization o where o.path = any (path_ancestors(${path})) and o.path <> ${path}
      and ${inReach(reach, sql`o.path`)} order by o.path`.execute(db);
  return rows;
}
