import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { loadHoldings } from '../authority/holds.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { decodeCursor, encodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';

/** A person who was given too many of a set, such as before there was one; it stands here until it is ended. */
export const conflictView = z.object({
  separationId: z.uuid(),
  separationName: z.string(),
  userId: z.uuid(),
  displayName: z.string(),
  exceptedUntil: z.string().nullable().describe('An exception lets it stand until then.'),
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
type Row = z.infer<typeof conflictView> & { sortName: string };

type Filter = { reach: Reach; separationId: string | undefined };
type Key = { sortName: string; userId: string; separationId: string };

/** Looked at one by one in a part, and parts of one page at most (I59); then the page is as long as it is. */
const inOnePart = 500;
const mostParts = 20;

/**
 * Who has too many now by what was given to them and to their organizations, as far as the reader sees who has which
 * access: in another place one more role may count that is not said here. By name, then by set. Whoever could have too
 * many, at whatever time, is found first, and then looked at part by part: with a hundred thousand of them the first
 * page took a minute otherwise.
 */
export async function listConflicts(
  db: Kysely<DB>,
  filter: Filter,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: z.infer<typeof conflictView>[]; next?: string }> {
  const start = decodeCursor(cursor, ['text', 'uuid', 'uuid']);
  let after = start && { sortName: start[0], userId: start[1], separationId: start[2] };
  const rows: Row[] = [];
  let over = false;
  for (let part = 0; part < mostParts && rows.length <= limit && !over; part += 1) {
    const suspects = await suspectsAfter(db, filter, after);
    over = suspects.length < inOnePart;
    after = suspects.at(-1) ?? after;
    rows.push(...(await tooManyNow(db, filter, suspects)));
  }
  const keyOf = ({ sortName, userId, separationId }: Key) => [sortName, userId, separationId];
  const page = toPage(rows, limit, keyOf);
  if (!page.next && !over && after) page.next = encodeCursor(keyOf(after));
  return { ...page, items: await withYielding(db, page.items) };
}

const setsOf = ({ reach, separationId }: Filter) => sql`
  select s.id, s.name, s.too_many, o.path from separation s join organization o on o.id = s.organization_id
  where s.state = 'active' and ${inReach(reach, sql`o.path`)} ${separationId ? sql`and s.id = ${separationId}` : sql``}`;

async function suspectsAfter(db: Kysely<DB>, filter: Filter, after: Key | undefined): Promise<Key[]> {
  const { rows } = await sql<Key>`
    with sets as materialized (${setsOf(filter)}),
    suspects as (
      select x.separation_id, x.user_id, min(m.sort_name) collate "C" as sort_name
      from separation_suspects(array(select id from sets)) x join sets s on s.id = x.separation_id
      join membership m on m.user_id = x.user_id and m.state <> 'ended' and m.path >= s.path and m.path < s.path || '/'
      where ${inReach(filter.reach, sql`m.path`, sql`m.user_id`)} group by x.separation_id, x.user_id
    )
    select f.sort_name as "sortName", f.user_id as "userId", f.separation_id as "separationId" from suspects f
    ${after ? sql`where (f.sort_name, f.user_id, f.separation_id) > (${after.sortName}, ${after.userId}::uuid, ${after.separationId}::uuid)` : sql``}
    order by f.sort_name, f.user_id, f.separation_id limit ${inOnePart}`.execute(db);
  return rows;
}

/** Those of them who have too many at this moment, in their order. */
async function tooManyNow(db: Kysely<DB>, filter: Filter, suspects: readonly Key[]): Promise<Row[]> {
  if (suspects.length === 0) return [];
  const { rows } = await sql<Row>`
    with asked as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(suspects)}::jsonb) as r ("sortName" text, "userId" uuid, "separationId" uuid)
    ),
    sets as materialized (${setsOf(filter)}),
    pieces as materialized (
      select p.*, m.path, m.organization_id
      from separation_pieces(array(select distinct "userId" from asked), array(select id from sets)) p join membership m on m.id = p.membership_id
      where p.starts_at <= remit_now() and ${inReach(filter.reach, sql`m.path`, sql`m.user_id`)}
    ),
    found as (
      select p.separation_id, p.user_id, a."sortName" as sort_name from pieces p join sets s on s.id = p.separation_id
      join asked a on a."userId" = p.user_id and a."separationId" = p.separation_id
      group by p.separation_id, p.user_id, a."sortName", s.too_many having count(distinct p.entitlement_id) >= s.too_many
    )
    select f.separation_id as "separationId", s.name as "separationName", f.user_id as "userId", u.display_name as "displayName",
      f.sort_name as "sortName",
      (select to_char(max(x.ends_at) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from separation_exception x
        where x.separation_id = f.separation_id and x.user_id = f.user_id and x.state = 'active' and x.starts_at <= remit_now()
          and x.ends_at > remit_now()) as "exceptedUntil",
      (select jsonb_agg(r order by r."applicationName", r.name, r."membershipId") from (
        select distinct e.id as "entitlementId", e.name, ap.name as "applicationName", p.membership_id as "membershipId", o.name as "organizationName"
        from pieces p join entitlement e on e.id = p.entitlement_id join application ap on ap.id = e.application_id
        join organization o on o.id = p.organization_id
        where p.separation_id = f.separation_id and p.user_id = f.user_id) r) as roles
    from found f join sets s on s.id = f.separation_id join app_user u on u.id = f.user_id
    order by f.sort_name collate "C", f.user_id, f.separation_id`.execute(db);
  return rows;
}

async function withYielding(db: Kysely<DB>, rows: readonly Row[]): Promise<z.infer<typeof conflictView>[]> {
  const userIds = [...new Set(rows.map(({ userId }) => userId))];
  const holdings = userIds.length > 0 ? (await loadHoldings(db, { userIds })).holdings : [];
  const keysOf = (which: (one: (typeof holdings)[number]) => boolean) =>
    new Set(holdings.filter(which).map((one) => `${one.membershipId} ${one.entitlementId}`));
  const stands = keysOf(({ held }) => held);
  const yielded = keysOf(({ stoppedBy }) => stoppedBy === 'separation');
  return rows.map(({ sortName: _, roles, ...row }) => ({
    ...row,
    roles: roles.map((role) => {
      const key = `${role.membershipId} ${role.entitlementId}`;
      return { ...role, yields: yielded.has(key) && !stands.has(key) };
    }),
  }));
}
