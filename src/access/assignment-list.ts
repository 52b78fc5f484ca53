import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { inReach, type Reach } from '../authority/reach.ts';
import { firstDayIn, firstDayOut, lastDayIn, lastDayOut } from '../directory/by-day.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import { instantOut, instantText } from './fields.ts';

/** One assignment as lists show it: who has what, from when to when, and why. */
export const assignmentView = z.object({
  id: z.uuid(),
  membershipId: z.uuid().nullable(),
  userId: z.uuid().nullable(),
  displayName: z.string().nullable(),
  organizationId: z.uuid().describe('Of the membership, or everybody in it has it.'),
  organizationName: z.string(),
  everybody: z.boolean().describe('Given to everybody in the organization and below.'),
  entitlementId: z.uuid().nullable(),
  accessRoleId: z.uuid().nullable(),
  name: z.string(),
  applicationId: z.uuid().nullable(),
  applicationName: z.string().nullable(),
  from: instantOut,
  until: instantOut,
  firstDay: firstDayOut,
  lastDay: lastDayOut,
  state: z.enum(['not-begun', 'active', 'over', 'ended']),
  why: z.enum(['direct', 'rule', 'request', 'invitation', 'import']),
  reason: z.string(),
  givenBy: z.string().nullable().describe('Who gave it, when you may know them.'),
  version: z.number().int(),
});
export type AssignmentView = z.infer<typeof assignmentView>;

export type AssignmentFilter = {
  reach: Reach;
  /** whose names the reader may know */
  people: Reach;
  membershipId: string | undefined;
  organizationId: string | undefined;
  entitlementId: string | undefined;
  accessRoleId: string | undefined;
  ended: boolean;
};

type Row = Omit<AssignmentView, 'from' | 'until' | 'state'> & {
  startsAt: Date;
  endsAt: Date;
  rowState: 'active' | 'ended';
};

export async function listAssignments(
  db: Kysely<DB>,
  filter: AssignmentFilter,
  { cursor, limit, at }: { cursor: string | undefined; limit: number; at: Date },
): Promise<{ items: AssignmentView[]; next?: string }> {
  const after = decodeCursor(cursor, ['uuid']);
  const { rows } = await sql<Row>`
    select a.id, a.membership_id as "membershipId", m.user_id as "userId", u.display_name as "displayName",
      o.id as "organizationId", o.name as "organizationName", m.id is null as everybody, a.entitlement_id as "entitlementId",
      a.access_role_id as "accessRoleId", coalesce(e.name, r.name) as name, ap.id as "applicationId", ap.name as "applicationName",
      a.starts_at as "startsAt", a.ends_at as "endsAt",
      ${firstDayIn(sql`a.starts_at`, sql`o.time_zone`)} as "firstDay", ${lastDayIn(sql`a.ends_at`, sql`o.time_zone`)} as "lastDay", a.state as "rowState", a.why, a.reason, a.version,
      (select g.display_name from app_user g where g.id = a.given_by and exists (
        select 1 from membership gm where gm.user_id = g.id and ${inReach(filter.people, sql`gm.path`, sql`gm.user_id`)})) as "givenBy"
    from assignment a
    left join membership m on m.id = a.membership_id
    left join app_user u on u.id = m.user_id
    join organization o on o.id = coalesce(a.organization_id, m.organization_id)
    left join entitlement e on e.id = a.entitlement_id
    left join application ap on ap.id = e.application_id
    left join access_role r on r.id = a.access_role_id
    where (a.membership_id is not null and ${inReach(filter.reach, sql`m.path`, sql`m.user_id`)}
        or a.organization_id is not null and ${inReach(filter.reach, sql`o.path`)})
      ${filter.ended ? sql`` : sql`and a.state = 'active'`}
      ${filter.membershipId ? sql`and a.membership_id = ${filter.membershipId}` : sql``}
      ${filter.organizationId ? sql`and (a.organization_id = ${filter.organizationId} or m.organization_id = ${filter.organizationId})` : sql``}
      ${filter.entitlementId ? sql`and a.entitlement_id = ${filter.entitlementId}` : sql``}
      ${filter.accessRoleId ? sql`and a.access_role_id = ${filter.accessRoleId}` : sql``}
      ${after ? sql`and a.id < ${after[0]}::uuid` : sql``}
    order by a.id desc limit ${limit + 1}`.execute(db);
  const page = toPage(rows, limit, (row) => [row.id]);
  return { ...page, items: page.items.map((row) => toView(row, at)) };
}

function toView({ startsAt, endsAt, rowState, ...row }: Row, at: Date): AssignmentView {
  const state =
    rowState === 'ended' ? 'ended' : at < startsAt ? 'not-begun' : at >= endsAt ? 'over' : 'active';
  return { ...row, from: instantText(startsAt), until: instantText(endsAt), state };
}
