import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { loadHoldings } from '../authority/holds.ts';
import { describeMissing } from '../authority/words.ts';
import { memberState } from '../directory/fields.ts';
import type { Context } from '../operation/operation.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';

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
      z.object({ assignmentId: z.uuid(), name: z.string(), applicationName: z.string(), until: z.string() }),
    )
    .describe('What of it ends within 30 days, soonest first.'),
  waiting: z.number().int().describe('Requests about them that are not decided yet.'),
});
export type ReportView = z.infer<typeof reportView>;

const soonMs = 30 * 86_400_000;

type Row = Omit<ReportView, 'accessCount' | 'endsSoon'> & { sortName: string };

/** The membership whose reports these are: the one that is active in this session. @throws Refusal `not-permitted` */
export function leading({ facts, user }: Pick<Context, 'facts' | 'user'>): string {
  const { membershipId } = user();
  if (facts.noStanding || !membershipId)
    throw refuse('not-permitted', {
      missing: describeMissing({ piece: 'standing', reason: facts.noStanding ?? 'membership-off' }),
    });
  return membershipId;
}

/** A page of them, by name. Whom the reporting line names at this moment, and nobody else. */
export async function listReports(
  context: Context,
  { depth, search }: { depth: 'direct' | 'all'; search: string | undefined },
  page: { cursor: string | undefined; limit: number },
): Promise<{ items: ReportView[]; next?: string }> {
  const me = leading(context);
  const after = decodeCursor(page.cursor, ['text', 'uuid']);
  const pattern = search && `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  const rows = await readReports(
    context.db,
    me,
    sql`${depth === 'direct' ? sql`m.line_manager_id = ${me}` : sql`true`}
      ${pattern ? sql`and u.display_name ilike ${pattern}` : sql``}
      ${after ? sql`and (m.sort_name, m.id) > (${after[0]}, ${after[1]}::uuid)` : sql``}`,
    page.limit + 1,
  );
  const { items, ...rest } = toPage(rows, page.limit, ({ sortName, membershipId }) => [
    sortName,
    membershipId,
  ]);
  return { items: await withAccess(context, items), ...rest };
}

export async function readReport(context: Context, membershipId: string): Promise<ReportView> {
  const rows = await readReports(context.db, leading(context), sql`m.id = ${membershipId}`, 1);
  const [found] = await withAccess(context, rows);
  if (!found) throw refuse('not-found');
  return found;
}

async function readReports(
  db: Kysely<DB>,
  me: string,
  where: ReturnType<typeof sql>,
  limit: number,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select m.id as "membershipId", u.display_name as "displayName", m.title, o.name as "organizationName",
      m.line_manager_id = ${me} as direct, m.state, m.last_day as "lastDay", m.sort_name as "sortName",
      (select count(*)::int from request q where q.membership_id = m.id and q.state = 'open') as waiting
    from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where m.line @> array[${me}::uuid] and m.state <> 'ended' and m.ends_at > remit_now() and not place_is_off(m.path) and ${where}
    order by m.sort_name, m.id limit ${limit}`.execute(db);
  return rows;
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
  return rows.map(({ sortName: _, ...row }) => {
    const held = byPerson.get(row.membershipId) ?? [];
    return {
      ...row,
      accessCount: new Set(held.map(({ entitlementId }) => entitlementId)).size,
      endsSoon: held
        .filter((one) => one.endsAt <= soon && !one.throughOrganizationId && !one.ruleId)
        .sort((one, other) => one.endsAt.getTime() - other.endsAt.getTime())
        .map(({ assignmentId, entitlementName: name, applicationName, endsAt }) => ({
          assignmentId,
          name,
          applicationName,
          until: endsAt.toISOString(),
        })),
    };
  });
}
