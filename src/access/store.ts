import { type Kysely, sql } from 'kysely';
import { alwaysAfter, alwaysBefore } from '../authority/facts.ts';
import type { DB } from '../platform/schema.gen.ts';

export type Why = 'direct' | 'rule' | 'request' | 'invitation' | 'import';

/** An assignment's row: what its events carry, so that the log folds to the same state (I53). */
export type Assignment = {
  id: string;
  membershipId: string | null;
  organizationId: string | null;
  entitlementId: string | null;
  accessRoleId: string | null;
  startsAt: Date;
  endsAt: Date;
  /** the days in the organization's time zone that the instants come from; null where instants were chosen */
  firstDay: string | null;
  lastDay: string | null;
  why: Why;
  givenBy: string | null;
  givenUnder: string | null;
  state: 'active' | 'ended';
  endedAt: Date | null;
  endedBy: string | null;
  replaces: string | null;
  requestId: string | null;
  version: number;
};

const columns = sql`
  a.id, a.membership_id as "membershipId", a.organization_id as "organizationId", a.entitlement_id as "entitlementId",
  a.access_role_id as "accessRoleId", a.starts_at as "startsAt", a.ends_at as "endsAt", a.first_day as "firstDay", a.last_day as "lastDay", a.why, a.given_by as "givenBy",
  a.given_under as "givenUnder", a.state, a.ended_at as "endedAt", a.ended_by as "endedBy", a.replaces,
  a.request_id as "requestId", a.version`;

/** PostgreSQL's words for the far ends of time, which JavaScript's dates do not have. */
const instantText = (date: Date): string =>
  date >= alwaysAfter ? 'infinity' : date <= alwaysBefore ? '-infinity' : date.toISOString();

/** An assignment as its events say it. */
export const stateOf = (row: Assignment): Record<string, unknown> => ({
  ...row,
  startsAt: instantText(row.startsAt),
  endsAt: instantText(row.endsAt),
  endedAt: row.endedAt?.toISOString() ?? null,
});

/** Active assignments of these things to these recipients, locked in the order of their ids. */
export async function lockGiven(
  db: Kysely<DB>,
  recipientIds: readonly string[],
  thingIds: readonly string[],
): Promise<Assignment[]> {
  const { rows } = await sql<Assignment>`
    select ${columns} from assignment a
    where a.state = 'active' and coalesce(a.membership_id, a.organization_id) = any (${recipientIds}::uuid[])
      and coalesce(a.entitlement_id, a.access_role_id) = any (${thingIds}::uuid[])
    order by a.id for update`.execute(db);
  return rows;
}

/** Assignments by id, locked. */
export async function lockAssignments(db: Kysely<DB>, ids: readonly string[]): Promise<Assignment[]> {
  const { rows } = await sql<Assignment>`
    select ${columns} from assignment a where a.id = any (${ids}::uuid[]) order by a.id for update`.execute(
    db,
  );
  return rows;
}

export async function endRows(
  db: Kysely<DB>,
  ids: readonly string[],
  endedBy: string | null,
  at: Date,
): Promise<Assignment[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Assignment>`
    update assignment a set state = 'ended', ended_at = ${at}, ended_by = ${endedBy}::uuid, version = a.version + 1
    where a.id = any (${ids}::uuid[]) and a.state = 'active' returning ${columns}`.execute(db);
  return rows;
}

/** Brings ended rows back as they were. Whatever was given since then stands in the way and is left alone. */
export async function reviveRows(db: Kysely<DB>, ids: readonly string[]): Promise<Assignment[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Assignment>`
    update assignment a set state = 'active', ended_at = null, ended_by = null, version = a.version + 1
    where a.id = any (${ids}::uuid[]) and a.state = 'ended' and not exists (
      select 1 from assignment other where other.state = 'active' and other.id <> a.id
        and coalesce(other.membership_id, other.organization_id) = coalesce(a.membership_id, a.organization_id)
        and coalesce(other.entitlement_id, other.access_role_id) = coalesce(a.entitlement_id, a.access_role_id))
    returning ${columns}`.execute(db);
  return rows;
}

export type NewAssignment = Pick<
  Assignment,
  | 'id'
  | 'membershipId'
  | 'organizationId'
  | 'entitlementId'
  | 'accessRoleId'
  | 'startsAt'
  | 'endsAt'
  | 'firstDay'
  | 'lastDay'
  | 'why'
  | 'givenBy'
  | 'givenUnder'
  | 'replaces'
  | 'requestId'
> & { reason: string };

/** Writes all rows by one statement; one that somebody else gave meanwhile is left out of the answer. */
export async function insertRows(db: Kysely<DB>, rows: readonly NewAssignment[]): Promise<Assignment[]> {
  if (rows.length === 0) return [];
  const values = rows.map((row) => ({
    ...row,
    startsAt: instantText(row.startsAt),
    endsAt: instantText(row.endsAt),
  }));
  const { rows: written } = await sql<Assignment>`
    insert into assignment as a (id, membership_id, organization_id, entitlement_id, access_role_id, starts_at, ends_at,
      first_day, last_day, why, reason, given_by, given_under, replaces, request_id)
    select r."id", r."membershipId", r."organizationId", r."entitlementId", r."accessRoleId", r."startsAt", r."endsAt",
      r."firstDay", r."lastDay", r."why", r."reason", r."givenBy", r."givenUnder", r."replaces", r."requestId"
    from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as r ("id" uuid, "membershipId" uuid, "organizationId" uuid,
      "entitlementId" uuid, "accessRoleId" uuid, "startsAt" timestamptz, "endsAt" timestamptz, "firstDay" date, "lastDay" date, "why" text, "reason" text,
      "givenBy" uuid, "givenUnder" uuid, "replaces" uuid, "requestId" uuid)
    on conflict do nothing returning ${columns}`.execute(db);
  return written;
}

/** The newest event about each of these, which says who did it and when: only they may undo it. */
export async function lastActs(
  db: Kysely<DB>,
  targetIds: readonly string[],
): Promise<
  Map<string, { type: string; actorKind: string; actorId: string | null; at: Date; after: unknown }>
> {
  const { rows } = await sql<{
    targetId: string;
    type: string;
    actorKind: string;
    actorId: string | null;
    at: Date;
    after: unknown;
  }>`
    select t.id as "targetId", e.type, e.actor_kind as "actorKind", e.actor_id as "actorId", e.at, e.after
    from unnest(${targetIds}::uuid[]) t (id)
    cross join lateral (select * from event e where e.target_id = t.id order by e.position desc limit 1) e`.execute(
    db,
  );
  return new Map(rows.map(({ targetId, ...row }) => [targetId, row]));
}
