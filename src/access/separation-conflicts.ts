import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { loadHoldings } from '../authority/holds.ts';
import { inReach } from '../authority/reach.ts';
import { lastDayIn, lastDayOut } from '../directory/by-day.ts';
import { decodeCursor, encodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import {
  type Filter,
  type Key,
  nextByGivings,
  nextByName,
  type Suspects,
  setsOf,
} from './separation-suspects.ts';

/** A person who was given too many of a set, such as before there was one; it stands here until it is ended. */
export const conflictView = z.object({
  separationId: z.uuid(),
  separationName: z.string(),
  userId: z.uuid(),
  displayName: z.string(),
  exceptedUntil: z.string().nullable().describe('An exception lets it stand until then.'),
  exceptedLastDay: lastDayOut.describe(
    'The last day of that, in the time zone of the organization of whoever it is for.',
  ),
  roles: z.array(
    z.object({
      entitlementId: z.uuid(),
      name: z.string(),
      applicationName: z.string(),
      membershipId: z.uuid(),
      organizationName: z.string(),
      yields: z.boolean().describe('It came later than the others, and is not held.'),
    }),
  ),
});
type Row = z.infer<typeof conflictView>;

/** Looked at one by one in a part; a page is as long as what is found in those of one answer (I59). */
const inOnePart = 200;
/** People by name looked at before what was given is asked: enough for a page where one in thirty has too many. */
const mostByName = 2000;

/**
 * Who has too many now by what was given to them and to their organizations, as far as the reader sees who has which
 * access: in another place one more role may count that is not said here. By name, then by set. The next people by name
 * are looked at first: with a hundred thousand who have too many a page is full at once, and finding all of those first
 * took seconds. Where few have too many, whoever could have is found by what was given.
 */
export async function listConflicts(
  db: Kysely<DB>,
  filter: Filter,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: z.infer<typeof conflictView>[]; next?: string }> {
  const start = decodeCursor(cursor, ['text', 'uuid', 'uuid']);
  let after = start && { sortName: start[0], userId: start[1], separationId: start[2] };
  const found: Key[] = [];
  let over = false;
  const look = async ({ keys, ...suspects }: Suspects): Promise<void> => {
    ({ upTo: after, over } = suspects);
    for (let from = 0; from < keys.length && found.length <= limit; from += inOnePart)
      found.push(...(await tooManyNow(db, filter, keys.slice(from, from + inOnePart))));
  };
  const { rows: sets } = await sql`select 1 from (${setsOf(filter)}) s limit 1`.execute(db);
  if (sets.length === 0) return { items: [] };
  let left = mostByName;
  for (let many = limit + 10; left > 0 && found.length <= limit && !over; many = Math.min(many * 8, left)) {
    left -= many;
    await look(await nextByName(db, filter, after, many));
  }
  if (found.length <= limit && !over) await look(await nextByGivings(db, filter, after));
  const keyOf = ({ sortName, userId, separationId }: Key) => [sortName, userId, separationId];
  const page = toPage(found, limit, keyOf);
  if (!page.next && !over && after) page.next = encodeCursor(keyOf(after));
  return { ...page, items: await withYielding(db, await shown(db, filter, page.items)) };
}

/** What these have now of these sets, in sight of the reader: `asked` and `pieces`. */
const piecesOf = (filter: Filter, keys: readonly Key[]) => sql`
  asked as materialized (
    select * from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as r ("sortName" text, "userId" uuid, "separationId" uuid)
  ),
  pieces as materialized (
    select p.*, m.organization_id
    from separation_pieces(array(select distinct "userId" from asked), array(select distinct "separationId" from asked)) p
    join membership m on m.id = p.membership_id
    where p.starts_at <= remit_now() and ${inReach(filter.reach, sql`m.path`, sql`m.user_id`)}
  )`;

/** Those of them who have too many at this moment, in their order. */
async function tooManyNow(db: Kysely<DB>, filter: Filter, keys: readonly Key[]): Promise<Key[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<Key>`
    with ${piecesOf(filter, keys)},
    counted as (select p.separation_id, p.user_id, count(distinct p.entitlement_id) as has from pieces p group by 1, 2)
    select a.* from asked a join counted c on c.user_id = a."userId" and c.separation_id = a."separationId"
    join separation s on s.id = a."separationId" and c.has >= s.too_many
    order by a."sortName", a."userId", a."separationId"`.execute(db);
  return rows;
}

async function shown(db: Kysely<DB>, filter: Filter, keys: readonly Key[]): Promise<Row[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<Row>`
    with ${piecesOf(filter, keys)},
    roles as (
      select r.separation_id, r.user_id, jsonb_agg(r.role order by r.role->>'applicationName', r.role->>'name', r.role->>'membershipId') as roles from (
        select distinct p.separation_id, p.user_id, jsonb_build_object('entitlementId', e.id, 'name', e.name, 'applicationName', ap.name,
          'membershipId', p.membership_id, 'organizationName', o.name) as role
        from pieces p join entitlement e on e.id = p.entitlement_id join application ap on ap.id = e.application_id
        join organization o on o.id = p.organization_id) r
      group by r.separation_id, r.user_id
    )
    select s.id as "separationId", s.name as "separationName", u.id as "userId", u.display_name as "displayName",
      (select to_char(max(x.ends_at) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from separation_exception x
        where x.separation_id = s.id and x.user_id = u.id and x.state = 'active' and x.starts_at <= remit_now()
          and x.ends_at > remit_now()) as "exceptedUntil",
      (select ${lastDayIn(sql`x.ends_at`, sql`o.time_zone`)} from separation_exception x join membership m on m.id = x.membership_id
        join organization o on o.id = m.organization_id
        where x.separation_id = s.id and x.user_id = u.id and x.state = 'active' and x.starts_at <= remit_now()
          and x.ends_at > remit_now() order by x.ends_at desc limit 1) as "exceptedLastDay", r.roles
    from asked a join roles r on r.user_id = a."userId" and r.separation_id = a."separationId"
    join separation s on s.id = a."separationId" join app_user u on u.id = a."userId"
    order by a."sortName", a."userId", a."separationId"`.execute(db);
  return rows;
}

async function withYielding(db: Kysely<DB>, rows: readonly Row[]): Promise<z.infer<typeof conflictView>[]> {
  const userIds = [...new Set(rows.map(({ userId }) => userId))];
  const holdings = userIds.length > 0 ? (await loadHoldings(db, { userIds })).holdings : [];
  const keysOf = (which: (one: (typeof holdings)[number]) => boolean) =>
    new Set(holdings.filter(which).map((one) => `${one.membershipId} ${one.entitlementId}`));
  const stands = keysOf(({ held }) => held);
  const yielded = keysOf(({ stoppedBy }) => stoppedBy === 'separation');
  return rows.map(({ roles, ...row }) => ({
    ...row,
    roles: roles.map((role) => {
      const key = `${role.membershipId} ${role.entitlementId}`;
      return { ...role, yields: yielded.has(key) && !stands.has(key) };
    }),
  }));
}
