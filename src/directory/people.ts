import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Place } from '../authority/place.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { escapeLike, type MemberState, memberState, narrowTo, sortName } from './rules.ts';

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
  if (after && after[0] !== sort)
    throw refuse('input.invalid', {
      problem: 'the cursor belongs to another order; start again without it',
    });
  const { rows } =
    await sql<Row>`${pageQuery(matches(filter, at), { by, descending, after: after?.slice(1), limit: limit + 1, at })}`.execute(
      db,
    );
  const page = toPage(rows, limit, (row) => [sort, row.key, row.sortName, row.membershipId]);
  return { ...page, items: page.items.map((row) => toPerson(row, at)) };
}

/** The page's one statement; `npm run bench` measures this very text. */
export function pageQuery(
  where: RawBuilder<boolean>,
  page: {
    by: (typeof peopleSorts)[number];
    descending: boolean;
    after: string[] | undefined;
    limit: number;
    at: Date;
  },
): RawBuilder<Row> {
  const key = keyOf[page.by];
  const direction = page.descending ? sql`desc` : sql`asc`;
  // By name the key is the name itself, so that the order is the index's own.
  const order = (of: RawBuilder<unknown>[]) => sql.join(of.map((part) => sql`${part} ${direction}`));
  const inner = page.by === 'name' ? [sql`m.sort_name`, sql`m.id`] : [key, sql`m.sort_name`, sql`m.id`];
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
    from (
      select m.id, m.sort_name, ${key} as key
      from membership m ${page.by === 'organization' ? sql`join organization o on o.id = m.organization_id` : sql``}
      where ${where} ${page.after ? sql`and ${beyond(page.by, page.descending, page.after)}` : sql``}
      order by ${order(inner)} limit ${page.limit}
    ) p
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

/** How many there are, by the same filter as the list (I07). */
export async function countPeople(db: Kysely<DB>, filter: PeopleFilter, at: Date): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from membership m where ${matches(filter, at)}`.execute(db);
  return rows[0]!.count;
}

/** The filter over `membership m`. */
export function matches(filter: PeopleFilter, at: Date): RawBuilder<boolean> {
  const reach = filter.place ? narrowTo(filter.reach, filter.place) : filter.reach;
  const all = [inReach(reach, sql`m.path`, sql`m.user_id`), inState(filter.status, at)];
  if (filter.search) all.push(found(filter.search));
  if (filter.given) {
    const { entitlementId, reach: known } = filter.given;
    all.push(inReach(known, sql`m.path`, sql`m.user_id`), wasGiven(entitlementId, at));
  }
  return sql<boolean>`${sql.join(all, sql` and `)}`;
}

/** The states of `memberState`, in SQL; without one, everybody who has not left. */
function inState(state: MemberState | undefined, at: Date): RawBuilder<boolean> {
  const here = sql<boolean>`m.state <> 'ended' and m.ends_at > ${at}`;
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

/** Every word somewhere in the name, or the beginning of the address or user name. */
function found(search: string): RawBuilder<boolean> {
  const words = sortName(search).split(' ').filter(Boolean);
  const start = `${escapeLike(search.trim().toLowerCase())}%`;
  const name =
    words.length === 0
      ? sql<boolean>`false`
      : sql<boolean>`(${sql.join(
          words.map((word) => sql`m.sort_name like ${`%${escapeLike(word)}%`}`),
          sql` and `,
        )})`;
  return sql<boolean>`(${name} or m.user_id in (
    select u.id from app_user u where lower(u.email) like ${start}
    union all select u.id from app_user u where lower(u.user_name) like ${start}))`;
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
