import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { instantOut } from '../access/fields.ts';
import { riskClass } from '../access/risk.ts';
import { firstDayIn, firstDayOut, lastDayIn, lastDayOut } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';
import type { DB } from '../platform/schema.gen.ts';

/** Deputies: whoever decides for somebody for a time (delegations of kind `approve`). */
export const deputyView = z.object({
  delegationId: z.uuid(),
  deputy: z.object({ membershipId: z.uuid(), displayName: z.string() }),
  giver: z.object({ membershipId: z.uuid(), displayName: z.string() }),
  from: instantOut,
  until: instantOut,
  firstDay: firstDayOut,
  lastDay: lastDayOut,
  organizationName: z.string().nullable().describe('Only there and below; everywhere when null.'),
  applications: z.array(z.string()).nullable().describe('Only these; all when null.'),
  risk: z.array(riskClass).nullable().describe('Only what carries these risks; all when null.'),
  mayPassOn: z.number().int(),
  state: z.enum(['active', 'coming']),
});
export type DeputyView = z.infer<typeof deputyView>;

/** Those whom a membership named, and those who named it: seen by both sides, and by nobody else here. */
export async function listDeputies(
  { db, at }: Pick<Context, 'db' | 'at'>,
  membershipId: string,
): Promise<(DeputyView & { giverMembershipId: string })[]> {
  const { rows } = await sql<DeputyView & { giverMembershipId: string }>`
    select d.id as "delegationId", d.giver_membership_id as "giverMembershipId",
      jsonb_build_object('membershipId', d.delegate_membership_id, 'displayName', du.display_name) as deputy,
      jsonb_build_object('membershipId', d.giver_membership_id, 'displayName', gu.display_name) as giver,
      case when d.starts_at > '-infinity' then to_jsonb(d.starts_at) #>> '{}' end as from,
      case when d.ends_at < 'infinity' then to_jsonb(d.ends_at) #>> '{}' end as until,
      ${firstDayIn(sql`d.starts_at`, sql`o.time_zone`)} as "firstDay", ${lastDayIn(sql`d.ends_at`, sql`o.time_zone`)} as "lastDay",
      (select o.name from organization o where o.path = d.place_paths[1] and o.parent_id is not null) as "organizationName",
      case when (d.entitlements ->> 'all')::boolean is true then null else
        coalesce((select jsonb_agg(a.name order by a.name) from application a
          where a.id in (select x::uuid from jsonb_array_elements_text(d.entitlements -> 'applications') x)), '[]') end as applications,
      d.entitlements -> 'risk' as risk, d.may_pass_on as "mayPassOn", case when d.starts_at > ${at} then 'coming' else 'active' end as state
    from delegation d
    join membership dm on dm.id = d.delegate_membership_id join app_user du on du.id = dm.user_id
    join membership gm on gm.id = d.giver_membership_id join app_user gu on gu.id = gm.user_id
    join organization o on o.id = gm.organization_id
    where d.kind = 'approve' and d.state = 'active' and d.ends_at > ${at}
      and ${membershipId}::uuid in (d.giver_membership_id, d.delegate_membership_id)
    order by d.id`.execute(db);
  return rows;
}

export const lineManager = z.object({
  membershipId: z.uuid(),
  displayName: z.string(),
  organizationName: z.string(),
});

/** The nearest above somebody in the reporting line who is there at the moment. */
export async function lineOf(db: Kysely<DB>, membershipId: string): Promise<z.infer<typeof lineManager>[]> {
  const { rows } = await sql<z.infer<typeof lineManager>>`
    select l.id as "membershipId", u.display_name as "displayName", o.name as "organizationName"
    from membership m cross join unnest(m.line) with ordinality as t (id, n)
    join membership l on l.id = t.id join app_user u on u.id = l.user_id join organization o on o.id = l.organization_id
    where m.id = ${membershipId} and l.state = 'active' and l.starts_at <= remit_now() and l.ends_at > remit_now()
      and u.state = 'active' and not place_is_off(l.path) and l.user_id <> m.user_id
    order by t.n limit 1`.execute(db);
  return rows;
}

/** True when people report to somebody, or open requests ask them by name: others decide nothing that a deputy could. */
export async function isAskedThemselves(db: Kysely<DB>, membershipId: string): Promise<boolean> {
  const { rows } = await sql<{ asked: boolean }>`
    select exists (select 1 from membership r where r.line_manager_id = ${membershipId} and r.state <> 'ended')
      or exists (select 1 from request q where q.state = 'open' and q.asks_members && array[${membershipId}]::uuid[]) as asked`.execute(
    db,
  );
  return rows[0]!.asked;
}

/** True when somebody decides, directly or through others, for whoever is to be named: a circle is nobody's help. */
export async function wouldCircle(db: Kysely<DB>, giver: string, deputy: string): Promise<boolean> {
  const { rows } = await sql<{ circle: boolean }>`
    with recursive below (id) as (
      select ${deputy}::uuid
      union select d.delegate_membership_id from below b join delegation d on d.giver_membership_id = b.id
        where d.kind = 'approve' and d.state = 'active' and d.ends_at > remit_now())
    select exists (select 1 from below where id = ${giver}::uuid) as circle`.execute(db);
  return rows[0]!.circle;
}
