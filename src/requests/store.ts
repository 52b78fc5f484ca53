import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { EntitlementRef, Target } from '../authority/delegation.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Asking } from './rules.ts';

/** A request with all that showing and deciding it needs. */
export type RequestRow = {
  id: string;
  requesterId: string;
  requesterName: string;
  membershipId: string;
  /** the person it is for, in that membership */
  userId: string;
  displayName: string;
  title: string;
  memberState: 'active' | 'suspended' | 'ended';
  organizationId: string;
  organizationName: string;
  path: string;
  off: boolean;
  entitlementId: string | null;
  accessRoleId: string | null;
  /** of the role or the bundle */
  name: string;
  applicationName: string | null;
  /** what it was for when it was asked: only this is given (I34) */
  entitlements: (EntitlementRef & { name: string; applicationName: string })[];
  reason: string;
  endsAt: Date | null;
  state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'ended';
  decidedBy: string | null;
  decidedByName: string | null;
  decidedAt: Date | null;
  decisionNote: string;
  version: number;
  createdAt: Date;
  /** sort key of a list, as exact text */
  position: string;
};

const columns = sql`
  q.id, q.requester_id as "requesterId", asker.display_name as "requesterName", q.membership_id as "membershipId",
  m.user_id as "userId", u.display_name as "displayName", m.title, m.state as "memberState", m.organization_id as "organizationId",
  o.name as "organizationName", m.path, place_is_off(m.path) as off, q.entitlement_id as "entitlementId",
  q.access_role_id as "accessRoleId", coalesce(e.name, r.name) as name, ap.name as "applicationName",
  coalesce((select jsonb_agg(jsonb_build_object('id', fe.id, 'applicationId', fa.id, 'name', fe.name, 'applicationName', fa.name)
    order by fa.name, fe.name) from entitlement fe join application fa on fa.id = fe.application_id
    where fe.id = any (q.entitlement_ids)), '[]') as entitlements,
  q.reason, q.ends_at as "endsAt", q.state, q.decided_by as "decidedBy", decider.display_name as "decidedByName",
  q.decided_at as "decidedAt", q.decision_note as "decisionNote", q.version, q.created_at as "createdAt"`;

const noPosition = sql`''`;

const tables = sql`
  access_request q
  join membership m on m.id = q.membership_id join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
  join app_user asker on asker.id = q.requester_id left join app_user decider on decider.id = q.decided_by
  left join entitlement e on e.id = q.entitlement_id left join application ap on ap.id = e.application_id
  left join access_role r on r.id = q.access_role_id`;

/** One request; `lock` keeps a second decision waiting until the first is committed (I31). */
export async function readRequest(
  db: Kysely<DB>,
  requestId: string,
  { lock = false } = {},
): Promise<RequestRow | undefined> {
  const { rows } = await sql<RequestRow>`
    select ${columns}, ${noPosition} as position from ${tables} where q.id = ${requestId} ${lock ? sql`for update of q` : sql``}`.execute(
    db,
  );
  return rows[0];
}

/** Requests that meet `where`, in order, from a keyset position on. */
export async function listRequests(
  db: Kysely<DB>,
  where: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  limit: number,
  position: RawBuilder<unknown> = noPosition,
): Promise<RequestRow[]> {
  const { rows } = await sql<RequestRow>`
    select ${columns}, ${position} as position from ${tables} where ${where} order by ${order} limit ${limit}`.execute(
    db,
  );
  return rows;
}

export const targetOf = (row: RequestRow): Target & { id: string } => ({
  kind: 'membership',
  id: row.membershipId,
  organizationId: row.organizationId,
  path: row.path,
  off: row.off,
  userId: row.userId,
});

export const askingOf = (row: RequestRow): Asking => ({
  requesterId: row.requesterId,
  target: targetOf(row),
  entitlements: row.entitlements,
});

/** A request as its events say it, without anybody's name or words. */
export const stateOf = (row: RequestRow): Record<string, unknown> => ({
  id: row.id,
  requesterId: row.requesterId,
  membershipId: row.membershipId,
  entitlementId: row.entitlementId,
  accessRoleId: row.accessRoleId,
  entitlementIds: row.entitlements.map(({ id }) => id),
  endsAt: row.endsAt?.toISOString() ?? null,
  state: row.state,
  decidedBy: row.decidedBy,
  decidedAt: row.decidedAt?.toISOString() ?? null,
  version: row.version,
});

/** Who invited this person: they are not independent of each other (ruling 8). */
export async function whoInvited(db: Kysely<DB>, userId: string | undefined): Promise<Set<string>> {
  if (!userId) return new Set();
  const { rows } = await sql<{ by: string }>`
    select distinct invited_by as by from invitation where accepted_by = ${userId} and invited_by is not null`.execute(
    db,
  );
  return new Set(rows.map(({ by }) => by));
}
