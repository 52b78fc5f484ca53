import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Place } from '../authority/place.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import type { Region } from '../authority/region.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import { invalid } from '../platform/problems.ts';
import type { DB } from '../platform/schema.gen.ts';
import { countByPlace, type Kept, type People, peopleIn } from './people-count.ts';
import { type FieldFilter, hasInField } from './people-fields.ts';
import { knownGround } from './people-ground.ts';
import { keysIn, keysOfUsers, mostBoxes, type NamePage } from './people-keys.ts';
import { found, searchParts } from './people-search.ts';
import { type MemberState, memberState, narrowTo } from './rules.ts';

/**
 * A page of people in any boundary. The inner select walks one index and yields keys only; the other columns are
 * fetched for the rows of the page alone. Instants are parameters: `remit_now()` would be asked for every row.
 */
export const peopleSorts = ['name', 'organization', 'title', 'firstDay', 'lastDay'] as const;
export type PeopleSort = (typeof peopleSorts)[number] | `-${(typeof peopleSorts)[number]}`;

export type PeopleFilter = {
  reach: Reach;
  /** only people here */
  place?: Place | undefined;
  search?: string | undefined;
  status?: MemberState | undefined;
  /** only those to whom this access was given, where `reach` says the reader may know */
  given?: { entitlementId: string; reach: Reach } | undefined;
  /** only those with this in a field, as far as the reader sees it */
  field?: FieldFilter | undefined;
};

export type Person = {
  membershipId: string;
  userId: string;
  displayName: string;
  userName: string | null;
  email: string | null;
  organizationId: string;
  organizationName: string;
  title: string;
  state: MemberState;
  firstDay: string | null;
  lastDay: string | null;
  isManager: boolean;
};

type Row = Omit<Person, 'state'> & {
  state: 'active' | 'suspended' | 'ended';
  userState: 'active' | 'suspended' | 'erased';
  startsAt: Date;
  endsAt: Date;
  hasSignIn: boolean;
  key: string;
  sortName: string;
};

const keyOf: Record<(typeof peopleSorts)[number], RawBuilder<unknown>> = {
  name: sql`m.sort_name`,
  organization: sql`lower(o.name)`,
  title: sql`lower(m.title)`,
  firstDay: sql`m.starts_at`,
  lastDay: sql`m.ends_at`,
};

export async function listPeople(
  db: Kysely<DB>,
  filter: PeopleFilter,
  { sort, cursor, limit, at }: { sort: PeopleSort; cursor?: string | undefined; limit: number; at: Date },
): Promise<{ items: Person[]; next?: string }> {
  const descending = sort.startsWith('-');
  const by = sort.replace('-', '') as (typeof peopleSorts)[number];
  const key = by === 'firstDay' || by === 'lastDay' ? 'instant' : 'text';
  const after = decodeCursor(cursor, ['text', key, 'text', 'uuid']);
  // Every cursor names its order: read under another one it would skip people silently.
  if (after && after[0] !== sort) throw invalid(undefined, 'cursor.other-order');
  const asked = { by, descending, after: after?.slice(1), limit: limit + 1, at };
  const { rows } = await pageQuery(await pageKeys(db, filter, asked), asked).execute(db);
  const page = toPage(rows, limit, (row) => [sort, row.key, row.sortName, row.membershipId]);
  return { ...page, items: page.items.map((row) => toPerson(row, at)) };
}

export type Page = {
  by: (typeof peopleSorts)[number];
  descending: boolean;
  after: string[] | undefined;
  limit: number;
  at: Date;
};

/** The keys of one page, in the shape that its boundary is quickest in. */
export async function pageKeys(
  db: Kysely<DB>,
  filter: PeopleFilter,
  page: Page,
): Promise<RawBuilder<unknown>> {
  const { by, descending, after, limit, at } = page;
  const reach = filter.place ? narrowTo(filter.reach, filter.place) : filter.reach;
  const { length } = reach.regions;
  if (by !== 'name' || filter.status === 'left' || length === 0 || length > mostBoxes)
    return keysByOther(matches(filter, at), page);
  const beyondLast = after && beyond(by, descending, after);
  const shared = { beyond: beyondLast, descending, limit };
  const ground = await knownGround(db);
  const searches = filter.search ? await searchParts(db, filter.search) : [undefined];
  const parts: RawBuilder<unknown>[] = [];
  for (const region of reach.regions)
    for (const search of searches) {
      const one = { ...filter, search: undefined, place: undefined, reach: { ...reach, regions: [region] } };
      const conditions = [
        matches(one, at, true),
        ...hints(region),
        ...(search && 'where' in search ? [search.where] : []),
      ];
      const where = sql<boolean>`${sql.join(conditions, sql` and `)}`;
      const name: NamePage = { ...shared, where };
      if (search && 'where' in search) name.search = search.indexed;
      parts.push(
        search && 'users' in search
          ? keysOfUsers(search.users, name)
          : await keysIn(db, region, ground, name),
      );
    }
  if (parts.length === 1) return parts[0]!;
  const union = sql.join(
    parts.map((part) => sql`(${part})`),
    sql` union `,
  );
  const order = sql.raw(descending ? 'x.sort_name desc, x.id desc' : 'x.sort_name, x.id');
  return sql`select x.id, x.sort_name, x.key from (${union}) x order by ${order} limit ${limit}`;
}

/** What the boundary says already, in words that an index knows. */
const hints = ({ reports }: Region): RawBuilder<boolean>[] =>
  reports.map(({ of, depth }) =>
    depth === 'direct'
      ? sql<boolean>`m.line_manager_id = ${of}::uuid`
      : sql<boolean>`m.line @> array[${of}::uuid]`,
  );

function keysByOther(where: RawBuilder<boolean>, page: Page): RawBuilder<unknown> {
  const { by, descending, after, limit } = page;
  const direction = descending ? sql`desc` : sql`asc`;
  return sql`
    select m.id, m.sort_name, ${keyOf[by]} as key
    from membership m ${by === 'organization' ? sql`join organization o on o.id = m.organization_id` : sql``}
    where ${where} ${after ? sql`and ${beyond(by, descending, after)}` : sql``}
    order by ${keyOf[by]} ${direction}, m.sort_name ${direction}, m.id ${direction} limit ${limit}`;
}

/** The page's one statement, around the statement of its keys; `npm run bench` measures this very text. */
export function pageQuery(keys: RawBuilder<unknown>, page: Page): RawBuilder<Row> {
  const direction = page.descending ? sql`desc` : sql`asc`;
  // By name the key is the name itself, so that the order is the index's own.
  const order = (of: RawBuilder<unknown>[]) => sql.join(of.map((part) => sql`${part} ${direction}`));
  const outer =
    page.by === 'name' ? [sql`p.sort_name`, sql`p.id`] : [sql`p.key`, sql`p.sort_name`, sql`p.id`];
  return sql<Row>`
    select p.id as "membershipId", p.key::text as key, p.sort_name as "sortName", w.*, u.display_name as "displayName",
      u.user_name as "userName", u.email, u.state as "userState", o.name as "organizationName",
      exists (select 1 from credential c where c.user_id = u.id) as "hasSignIn",
      exists (select 1 from delegation d left join admin_role r on r.id = d.admin_role_id
        where d.delegate_membership_id = p.id and d.delegate_kind = 'user' and d.kind = 'administer' and d.state = 'active'
          and d.starts_at <= ${page.at} and d.ends_at > ${page.at}
          and ('user.invite' = any (d.permissions) or 'user.invite' = any (r.permissions))) as "isManager"
    from (${keys}) p
    cross join lateral (
      select f.user_id as "userId", f.organization_id as "organizationId", f.title, f.first_day as "firstDay",
        f.last_day as "lastDay", f.starts_at as "startsAt", f.ends_at as "endsAt", f.state
      from membership f where f.id = p.id
    ) w
    join app_user u on u.id = w."userId"
    join organization o on o.id = w."organizationId"
    order by ${order(outer)}`;
}

function beyond(by: (typeof peopleSorts)[number], descending: boolean, after: string[]): RawBuilder<boolean> {
  const [key, name, id] = after;
  const past = descending ? sql`<` : sql`>`;
  if (by === 'name') return sql<boolean>`(m.sort_name, m.id) ${past} (${name}, ${id}::uuid)`;
  const cast = by === 'firstDay' || by === 'lastDay' ? sql`${key}::timestamptz` : sql`${key}`;
  return sql<boolean>`(${keyOf[by]}, m.sort_name, m.id) ${past} (${cast}, ${name}, ${id}::uuid)`;
}

/** How many there are, by the same filter as the list (I07); by the counts that are kept, where these say it. */
export const countPeople = async (db: Kysely<DB>, filter: PeopleFilter, at: Date): Promise<number> =>
  (await keptFor(db, filter, at))?.count ?? countMatches(db, matches(filter, at));

/** The same, and how many different people these memberships belong to. */
export async function countBoth(
  db: Kysely<DB>,
  filter: PeopleFilter,
  at: Date,
): Promise<{ count: number; people: People }> {
  const where = matches(filter, at);
  if (filter.status === 'left') {
    // Somebody may have come and left several times.
    const { rows } = await sql<{ count: number; people: number }>`
      select count(*) as count, count(distinct m.user_id) as people from membership m where ${where}`.execute(
      db,
    );
    const [{ count, people }] = rows as [{ count: number; people: number }];
    return { count, people: { atLeast: people, atMost: people } };
  }
  const kept = (await keptFor(db, filter, at)) ?? {
    count: await countMatches(db, where),
    further: await countMatches(db, sql<boolean>`m.further and ${where}`),
  };
  return { count: kept.count, people: await peopleIn(db, kept, where) };
}

async function keptFor(db: Kysely<DB>, filter: PeopleFilter, at: Date): Promise<Kept | undefined> {
  if (filter.search || filter.status || filter.given || filter.field) return undefined;
  const reach = filter.place ? narrowTo(filter.reach, filter.place) : filter.reach;
  return reach.reachesOff ? await countByPlace(db, reach, at) : undefined;
}

async function countMatches(db: Kysely<DB>, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from membership m where ${where}`.execute(db);
  return rows[0]!.count;
}

/**
 * The filter over `membership m`.
 * @param stillHere the rows are of memberships that have not ended: saying so again would cost the walk in the index
 */
export function matches(filter: PeopleFilter, at: Date, stillHere = false): RawBuilder<boolean> {
  const reach = filter.place ? narrowTo(filter.reach, filter.place) : filter.reach;
  // The line of somebody who left is not at hand: `inReach` looks up that of whoever is here.
  const line = filter.status === 'left' ? undefined : sql`m.line`;
  const all = [inReach(reach, sql`m.path`, sql`m.user_id`, line), inState(filter.status, at, stillHere)];
  if (filter.search) all.push(found(filter.search));
  if (filter.given) {
    const { entitlementId, reach: known } = filter.given;
    all.push(inReach(known, sql`m.path`, sql`m.user_id`), wasGiven(entitlementId, at));
  }
  if (filter.field) all.push(hasInField(filter.field, line));
  return sql<boolean>`${sql.join(all, sql` and `)}`;
}

/** The states of `memberState`, in SQL; without one, everybody who has not left. */
function inState(state: MemberState | undefined, at: Date, stillHere: boolean): RawBuilder<boolean> {
  const inTime = sql<boolean>`m.ends_at > ${at}`;
  const here = stillHere ? inTime : sql<boolean>`m.state <> 'ended' and ${inTime}`;
  const userActive = sql<boolean>`exists (select 1 from app_user u where u.id = m.user_id and u.state = 'active')`;
  const signIn = sql<boolean>`exists (select 1 from credential c where c.user_id = m.user_id)`;
  switch (state) {
    case undefined:
      return here;
    case 'left':
      return sql<boolean>`(m.state = 'ended' or m.ends_at <= ${at})`;
    case 'suspended':
      return sql<boolean>`${here} and (m.state = 'suspended' or not ${userActive})`;
    case 'not-begun':
      return sql<boolean>`${here} and m.state = 'active' and ${userActive} and m.starts_at > ${at}`;
    case 'active':
      return sql<boolean>`${here} and m.state = 'active' and ${userActive} and m.starts_at <= ${at} and ${signIn}`;
    case 'no-sign-in':
      return sql<boolean>`${here} and m.state = 'active' and ${userActive} and m.starts_at <= ${at} and not ${signIn}`;
  }
}

/** Given to the person or to an organization at or above, by itself or in an access role; not whether a link above stops it. */
function wasGiven(entitlementId: string, at: Date): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select 1 from assignment a
    where a.state = 'active' and a.starts_at <= ${at} and a.ends_at > ${at}
      and (a.membership_id = m.id or a.organization_id in (
        select g.id from organization g where g.path = any (path_ancestors(m.path))))
      and (a.entitlement_id = ${entitlementId} or a.access_role_id in (
        select re.access_role_id from access_role_entitlement re join access_role r on r.id = re.access_role_id
        where re.entitlement_id = ${entitlementId} and r.state = 'active')))`;
}

function toPerson(
  { key: _, sortName: __, userState, startsAt, endsAt, hasSignIn, ...row }: Row,
  at: Date,
): Person {
  return { ...row, state: memberState({ state: row.state, userState, startsAt, endsAt, hasSignIn }, at) };
}
