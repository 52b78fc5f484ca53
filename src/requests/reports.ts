import { sql } from 'kysely';
import { z } from 'zod';
import { loadHoldings } from '../authority/holds.ts';
import { everywhere } from '../authority/place.ts';
import type { Region } from '../authority/region.ts';
import { describeMissing } from '../authority/words.ts';
import { lastDayAt, lastDayOut } from '../directory/by-day.ts';
import { memberState } from '../directory/fields.ts';
import { listPeople } from '../directory/people.ts';
import { type Standing, memberState as stateOf } from '../directory/rules.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';

/** Somebody who reports to the reader, directly or through others. */
export const reportView = z.object({
  membershipId: z.uuid(),
  displayName: z.string(),
  title: z.string(),
  organizationName: z.string(),
  direct: z.boolean().describe('Reports to you directly.'),
  state: memberState,
  lastDay: z.string().nullable(),
  accessCount: z.number().int().describe('Roles in applications that they have at this moment.'),
  endsSoon: z
    .array(
      z.object({
        assignmentId: z.uuid(),
        name: z.string(),
        applicationName: z.string(),
        until: z.string(),
        lastDay: lastDayOut,
      }),
    )
    .describe('What of it ends within 30 days, soonest first.'),
  waiting: z.number().int().describe('Requests about them that are not decided yet.'),
});
export type ReportView = z.infer<typeof reportView>;

const soonMs = 30 * 86_400_000;

type Row = Omit<ReportView, 'accessCount' | 'endsSoon'>;

/** The membership whose reports these are: the one that is active in this session. @throws Refusal `not-permitted` */
export function leading({ facts, user }: Pick<Context, 'facts' | 'user'>): string {
  const { membershipId } = user();
  if (facts.noStanding || !membershipId)
    throw refuse('not-permitted', {
      missing: describeMissing({ piece: 'standing', reason: facts.noStanding ?? 'membership-off' }),
    });
  return membershipId;
}

/**
 * A page of them, by name: whom the reporting line names at this moment, and nobody else. The page of people walks it,
 * which is quick also for whoever stands above a hundred thousand.
 */
export async function listReports(
  context: Context,
  { depth, search }: { depth: 'direct' | 'all'; search: string | undefined },
  page: { cursor: string | undefined; limit: number },
): Promise<{ items: ReportView[]; next?: string }> {
  const me = leading(context);
  const region: Region = { place: everywhere, holes: [], users: undefined, reports: [{ of: me, depth }] };
  const reach = { regions: [region], reachesOff: false };
  const { items, ...rest } = await listPeople(
    context.db,
    { reach, search },
    { sort: 'name', ...page, at: context.at },
  );
  return { items: await viewReports(context, me, items), ...rest };
}

export async function readReport(context: Context, membershipId: string): Promise<ReportView> {
  const me = leading(context);
  const { rows } = await sql<Omit<Found, 'state'> & Standing>`
    select m.id as "membershipId", u.display_name as "displayName", m.title, o.name as "organizationName", m.last_day as "lastDay",
      m.state, u.state as "userState", m.starts_at as "startsAt", m.ends_at as "endsAt",
      exists (select 1 from credential c where c.user_id = u.id) as "hasSignIn"
    from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where m.id = ${membershipId} and m.line @> array[${me}::uuid] and m.state <> 'ended' and m.ends_at > ${context.at}
      and not place_is_off(m.path)`.execute(context.db);
  const [found] = await viewReports(
    context,
    me,
    rows.map((row) => ({ ...row, state: stateOf(row, context.at) })),
  );
  if (!found) throw refuse('not-found');
  return found;
}

type Found = Pick<
  ReportView,
  'membershipId' | 'displayName' | 'title' | 'organizationName' | 'state' | 'lastDay'
>;

async function viewReports(context: Context, me: string, found: readonly Found[]): Promise<ReportView[]> {
  const ids = found.map(({ membershipId }) => membershipId);
  const { rows } = await sql<{ id: string; direct: boolean; waiting: number }>`
    select m.id, m.line_manager_id = ${me} as direct,
      (select count(*)::int from request q where q.membership_id = m.id and q.state = 'open') as waiting
    from membership m where m.id = any (${ids}::uuid[])`.execute(context.db);
  const about = new Map(rows.map((row) => [row.id, row]));
  return withAccess(
    context,
    found.map(({ membershipId, displayName, title, organizationName, state, lastDay }) => {
      const { direct, waiting } = about.get(membershipId)!;
      return { membershipId, displayName, title, organizationName, state, lastDay, direct, waiting };
    }),
  );
}

/** With what they have, by one statement for all of them. */
async function withAccess({ db, at }: Context, rows: readonly Row[]): Promise<ReportView[]> {
  if (rows.length === 0) return [];
  const { holdings } = await loadHoldings(db, {
    membershipIds: rows.map(({ membershipId }) => membershipId),
  });
  const byPerson = Map.groupBy(
    holdings.filter(({ held }) => held),
    ({ membershipId }) => membershipId,
  );
  const soon = new Date(at.getTime() + soonMs);
  return rows.map((row) => {
    const held = byPerson.get(row.membershipId) ?? [];
    return {
      ...row,
      accessCount: new Set(held.map(({ entitlementId }) => entitlementId)).size,
      endsSoon: held
        .filter((one) => one.endsAt <= soon && !one.throughOrganizationId && !one.ruleId)
        .sort((one, other) => one.endsAt.getTime() - other.endsAt.getTime())
        .map(({ assignmentId, entitlementName: name, applicationName, endsAt, timeZone }) => ({
          assignmentId,
          name,
          applicationName,
          until: endsAt.toISOString(),
          lastDay: lastDayAt(endsAt, timeZone),
        })),
    };
  });
}
