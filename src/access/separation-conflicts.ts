import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { loadHoldings } from '../authority/holds.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
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

/**
 * Who has too many now by what was given to them and to their organizations, as far as the reader sees who has which
 * access: in another place one more role may count that is not said here. By name, then by set.
 */
export async function listConflicts(
  db: Kysely<DB>,
  filter: { reach: Reach; separationId: string | undefined },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: z.infer<typeof conflictView>[]; next?: string }> {
  const after = decodeCursor(cursor, ['text', 'uuid', 'uuid']);
  const { rows } = await sql<Row>`
    with sets as materialized (
      select s.id, s.name, s.too_many, o.path from separation s join organization o on o.id = s.organization_id
      where s.state = 'active' and ${inReach(filter.reach, sql`o.path`)}
        ${filter.separationId ? sql`and s.id = ${filter.separationId}` : sql``}
    ),
    givings as materialized (
      select s.path, a.membership_id, a.organization_id from sets s join separation_part p on p.separation_id = s.id
      join assignment a on a.entitlement_id = p.entitlement_id where a.state = 'active' and a.ends_at > remit_now()
      union
      select s.path, a.membership_id, a.organization_id from sets s join separation_part p on p.separation_id = s.id
      join access_role_entitlement re on re.entitlement_id = p.entitlement_id join assignment a on a.access_role_id = re.access_role_id
      where a.state = 'active' and a.ends_at > remit_now()
    ),
    people as materialized (
      select m.user_id from givings g join membership m on m.id = g.membership_id
      where m.path >= g.path and m.path < g.path || '/' and m.state <> 'ended'
      union
      select m.user_id from givings g join organization x on x.id = g.organization_id
      join membership m on m.path >= greatest(x.path, g.path) and m.path < greatest(x.path, g.path) || '/' and m.state <> 'ended'
      where starts_with(x.path || '.', g.path || '.') or starts_with(g.path || '.', x.path || '.')
    ),
    pieces as (
      select p.*, m.path, m.sort_name, m.organization_id
      from separation_pieces(array(select user_id from people), array(select id from sets)) p join membership m on m.id = p.membership_id
      where p.starts_at <= remit_now() and ${inReach(filter.reach, sql`m.path`, sql`m.user_id`)}
    ),
    found as (
      select p.separation_id, p.user_id, min(p.sort_name) as sort_name from pieces p join sets s on s.id = p.separation_id
      group by p.separation_id, p.user_id, s.too_many having count(distinct p.entitlement_id) >= s.too_many
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
    ${after ? sql`where (f.sort_name collate "C", f.user_id, f.separation_id) > (${after[0]}, ${after[1]}::uuid, ${after[2]}::uuid)` : sql``}
    order by f.sort_name collate "C", f.user_id, f.separation_id limit ${limit + 1}`.execute(db);
  const page = toPage(rows, limit, (row) => [row.sortName, row.userId, row.separationId]);
  const userIds = [...new Set(page.items.map(({ userId }) => userId))];
  const holdings = userIds.length > 0 ? (await loadHoldings(db, { userIds })).holdings : [];
  const stands = new Set(
    holdings.flatMap((one) => (one.held ? `${one.membershipId} ${one.entitlementId}` : [])),
  );
  const yielded = new Set(
    holdings.flatMap((one) =>
      one.stoppedBy === 'separation' ? `${one.membershipId} ${one.entitlementId}` : [],
    ),
  );
  return {
    ...page,
    items: page.items.map(({ sortName: _, roles, ...row }) => ({
      ...row,
      roles: roles.map((role) => {
        const key = `${role.membershipId} ${role.entitlementId}`;
        return { ...role, yields: yielded.has(key) && !stands.has(key) };
      }),
    })),
  };
}
