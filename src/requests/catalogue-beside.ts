import { sql } from 'kysely';
import { z } from 'zod';
import { instantOut, instantText } from '../access/fields.ts';
import { type RiskClass, riskClass, riskClasses } from '../access/risk.ts';
import { periodOf } from '../access/rules.ts';
import type { Thing } from '../access/things.ts';
import type { Target } from '../authority/delegation.ts';
import { loadCeilings } from '../authority/holds.ts';
import { inReach } from '../authority/reach.ts';
import { lastDayAt, lastDayOut } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';

/** What stands beside each thing of the catalogue, so that an asker knows what they ask for. */
export const catalogueBeside = {
  risk: riskClass,
  atMostUntil: instantOut.describe('As long as the organization may have it; null when there is no end.'),
  atMostLastDay: lastDayOut,
  whoHas: z
    .object({ count: z.number().int(), names: z.array(z.string()) })
    .nullable()
    .describe(
      'Of the people in the same organization whose access you see; null when you see nobody’s there.',
    ),
};

export type Besides = {
  risk: RiskClass;
  atMostUntil: string | null;
  atMostLastDay: string | null;
  whoHas: { count: number; names: string[] } | null;
};

/** Who of an organization is looked through; whoever has more people counts them where the access is. */
const mostPeople = 300;
const mostNames = 3;

type Row = { id: string; risk: number; names: string[] | null; timeZone: string };

/** By id of the thing, for one page of them: one statement, and the ceiling of the place. */
export async function besideOffers(
  context: Context,
  target: Target,
  things: readonly Thing[],
): Promise<Map<string, Besides>> {
  const { db, at } = context;
  // Who has what is for whoever may see access, wherever it is told (I06).
  const seen = (['user.read', 'access.read'] as const).map((permission) =>
    inReach(context.reach(permission), sql`m.path`, sql`m.user_id`, sql`m.line`),
  );
  const { rows } = await sql<Row>`
    with colleague (id, name, sort_name) as (
      select m.id, u.display_name, m.sort_name from membership m join app_user u on u.id = m.user_id
      where m.organization_id = ${target.organizationId} and m.state = 'active' and m.id is distinct from ${target.id}
        and ${sql.join(seen, sql` and `)} limit ${mostPeople})
    select t.id, coalesce((select max(array_position(${[...riskClasses]}::text[], e.risk)) - 1 from entitlement e
        where e.id = t.id or e.id in (select r.entitlement_id from access_role_entitlement r where r.access_role_id = t.id)), 1) as risk,
      case when exists (select 1 from colleague) then coalesce((select array_agg(c.name order by c.sort_name) from colleague c
        where exists (select 1 from assignment a where a.membership_id = c.id and a.state = 'active'
          and a.starts_at <= ${at} and a.ends_at > ${at} and (coalesce(a.entitlement_id, a.access_role_id) = t.id or a.access_role_id in (
            select r.access_role_id from access_role_entitlement r where r.entitlement_id = t.id)))), '{}') end as names,
      (select o.time_zone from organization o where o.id = ${target.organizationId}) as "timeZone"
    from unnest(${things.map(({ id }) => id)}::uuid[]) t (id)`.execute(db);
  const ceilings = await loadCeilings(db, [target.path]);
  // Of several further ceilings the longest counts; without any there is no end.
  const ends = ceilings.standingOf(target.path).map((chain) => periodOf(chain).endsAt);
  const until = ends.length > 0 ? new Date(Math.max(...ends.map((end) => end.getTime()))) : undefined;
  return new Map(
    rows.map(({ id, risk, names, timeZone }) => [
      id,
      {
        risk: riskClasses[risk] ?? 'normal',
        atMostUntil: until ? instantText(until) : null,
        atMostLastDay: until ? lastDayAt(until, timeZone) : null,
        whoHas: names && { count: names.length, names: names.slice(0, mostNames) },
      },
    ]),
  );
}
