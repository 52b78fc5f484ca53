import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { EntitlementRef, Target } from '../authority/delegation.ts';
import type { Permission } from '../authority/permissions.ts';
import { ancestorsOf } from '../authority/place.ts';
import { prepared } from '../platform/database.ts';
import { readEmailAddress } from '../platform/email-address.ts';
import type { DB } from '../platform/schema.gen.ts';
import { payloadHash } from './kinds/payload-hash.ts';
import type { PlannedStep, RequestKind, RiskClass } from './policy.ts';
import type { Progress } from './progress.ts';
import type { Asking } from './rules.ts';

/** A request with all that showing and deciding it needs. */
export type RequestRow = {
  id: string;
  kind: RequestKind;
  /** what exactly, as its kind reads it (`kinds/`) */
  payload: Record<string, unknown>;
  payloadHash: string | null;
  /** what one delegation of whoever decides must let them do, besides giving the access in it */
  gives: Permission[];
  /** null: a stranger, who has proved their address */
  requesterId: string | null;
  requesterName: string;
  /** null: for nobody who is a member yet */
  membershipId: string | null;
  /** the person it is for, in that membership */
  userId: string | null;
  /** whose address it is that is to be invited: theirs, though nobody is told (I32, I40) */
  addresseeId: string | null;
  /** whom or what it is for */
  displayName: string;
  title: string;
  memberState: 'active' | 'suspended' | 'ended' | null;
  /** where it is decided */
  organizationId: string;
  organizationName: string;
  /** of that organization: the days of what is asked for are read in it */
  timeZone: string;
  path: string;
  off: boolean;
  line: string[] | null;
  entitlementId: string | null;
  accessRoleId: string | null;
  /** of the role, of the bundle, or of what is asked for */
  name: string;
  applicationName: string | null;
  /** what it was for when it was asked: only this is given (I34) */
  entitlements: (EntitlementRef & { name: string; applicationName: string; risk: RiskClass })[];
  reason: string;
  endsAt: Date | null;
  state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'ended';
  decidedBy: string | null;
  decidedByName: string | null;
  /** whom they decided for, as a deputy */
  decidedForName: string | null;
  decidedAt: Date | null;
  decisionNote: string;
  version: number;
  createdAt: Date;
  plan: PlannedStep[];
  /** the open one of them */
  step: number;
  level: number;
  levelAt: Date | null;
  doneUntil: Date | null;
  pausedAt: Date | null;
  pausedLevel: number;
  pauseLeft: number;
  deadline: Date | null;
  nextAt: Date | null;
  /** when those who are asked now have had their time */
  dueAt: Date | null;
  asks: string[];
  asksMembers: string[];
  asksOrganizations: string[];
  lineManager: string | null;
  /** who made that person their line manager, or one between */
  lineSetBy: string[];
  /** what its approval made: an organization, a delegation, an invitation */
  made: string | null;
  applications: { id: string; organizationId: string; path: string }[];
  /** a separation of duties has one of its roles, so that it may touch one */
  separated: boolean;
  /** digests of the files beside it: a yes is about these, too (I34) */
  files: string[];
  /** sort key of a list, as exact text */
  position: string;
};

const columns = sql`
  q.id, q.kind, q.payload, q.payload_hash as "payloadHash", q.gives, q.made, q.files, q.due_at as "dueAt",
  q.requester_id as "requesterId", coalesce(asker.display_name, q.payload ->> 'displayName', '') as "requesterName", q.membership_id as "membershipId",
  m.user_id as "userId", m.line, coalesce(u.display_name, q.payload ->> 'displayName', q.payload ->> 'name', '') as "displayName", coalesce(m.title, '') as title, m.state as "memberState",
  o.id as "organizationId", o.name as "organizationName", o.time_zone as "timeZone", o.path, q.entitlement_id as "entitlementId",
  q.access_role_id as "accessRoleId", coalesce(e.name, r.name, q.payload ->> 'name', q.payload ->> 'displayName', '') as name, ap.name as "applicationName",
  q.entitlement_ids as "entitlementIds",
  q.reason, q.ends_at as "endsAt", q.state, q.decided_by as "decidedBy", decider.display_name as "decidedByName",
  (select f.display_name from request_decision d join app_user f on f.id = d.on_behalf_of
    where d.request_id = q.id and d.user_id = q.decided_by and d.undone_at is null order by d.position desc limit 1) as "decidedForName",
  q.decided_at as "decidedAt", q.decision_note as "decisionNote", q.version, q.created_at as "createdAt",
  q.plan, q.step, q.level, q.level_at as "levelAt", q.done_until as "doneUntil", q.paused_at as "pausedAt",
  q.paused_level::float8 as "pausedLevel", q.pause_left::float8 as "pauseLeft", q.deadline, q.next_at as "nextAt", q.asks, q.asks_members as "asksMembers", q.asks_organizations as "asksOrganizations",
  (select l.id from unnest(m.line) with ordinality as t (id, n) join membership l on l.id = t.id join app_user lu on lu.id = l.user_id
    where l.state = 'active' and l.starts_at <= remit_now() and l.ends_at > remit_now() and lu.state = 'active'
      and not place_is_off(l.path) and l.user_id <> m.user_id and l.user_id is distinct from q.requester_id
    order by t.n limit 1) as "lineManager"`;

const noPosition = sql`''`;

const tables = sql`
  request q
  left join membership m on m.id = q.membership_id left join app_user u on u.id = m.user_id
  join organization o on o.id = case when m.id is null or q.kind = 'delegation' then q.organization_id else m.organization_id end
  left join app_user asker on asker.id = q.requester_id left join app_user decider on decider.id = q.decided_by
  left join entitlement e on e.id = q.entitlement_id left join application ap on ap.id = e.application_id
  left join access_role r on r.id = q.access_role_id`;

/** One request; `lock` keeps a second decision waiting until the first is committed (I31). */
export async function readRequest(
  db: Kysely<DB>,
  requestId: string,
  { lock = false } = {},
): Promise<RequestRow | undefined> {
  const { rows } = await sql<Found>`
    select ${columns}, ${noPosition} as position from ${tables} where q.id = ${requestId} ${lock ? sql`for update of q` : sql``}`.execute(
    db,
  );
  return (await withOthers(db, rows))[0];
}

const withOthers = async (db: Kysely<DB>, rows: readonly Found[]): Promise<RequestRow[]> =>
  withLineSetters(db, await withAddressees(db, await withShared(db, rows)));

type Found = Omit<RequestRow, 'entitlements' | 'applications' | 'separated' | 'off'> & {
  entitlementIds: string[];
};

type Role = RequestRow['entitlements'][number] & {
  stands: RequestRow['applications'][number];
  separated: boolean;
};

/** What many of them share, each once for all: the roles that they are for, and which places are off. */
async function withShared(db: Kysely<DB>, rows: readonly Found[]): Promise<RequestRow[]> {
  if (rows.length === 0) return [];
  const wanted = [...new Set(rows.flatMap(({ entitlementIds }) => entitlementIds))];
  const places = [...new Set(rows.flatMap(({ path }) => ancestorsOf(path)))];
  const { rows: shared } = await sql<{ roles: Role[]; off: string[] }>`
    ${prepared} select array(select o.path from organization o where o.state <> 'active' and o.path = any (${places}::text[])) as off,
      (select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'applicationId', a.id, 'name', e.name, 'applicationName', a.name,
          'risk', e.risk, 'stands', jsonb_build_object('id', a.id, 'organizationId', o.id, 'path', o.path),
          'separated', exists (select 1 from separation_part p where p.entitlement_id = e.id)) order by a.name, e.name), '[]')
        from entitlement e join application a on a.id = e.application_id join organization o on o.id = a.organization_id
        where e.id = any (${wanted}::uuid[])) as roles`.execute(db);
  const { roles, off } = shared[0]!;
  return rows.map(({ entitlementIds, ...row }) => {
    const own = roles.filter(({ id }) => entitlementIds.includes(id));
    return {
      ...row,
      off: ancestorsOf(row.path).some((place) => off.includes(place)),
      entitlements: own.map(({ stands: _, separated: __, ...role }) => role),
      applications: [...new Map(own.map(({ stands }) => [stands.id, stands])).values()],
      separated: own.some(({ separated }) => separated),
    };
  });
}

/** Who wrote the reporting line, of those rows where it decides who is asked (ruling 2). */
async function withLineSetters(db: Kysely<DB>, rows: readonly RequestRow[]): Promise<RequestRow[]> {
  const asksLine = ({ plan }: RequestRow): boolean =>
    plan.some(({ levels }) =>
      levels.some(({ approvers }) => approvers.some(({ kind }) => kind === 'line-manager')),
    );
  const belowOf = (row: RequestRow): string[] =>
    row.lineManager && row.membershipId && row.line && asksLine(row)
      ? [row.membershipId, ...row.line.slice(0, row.line.indexOf(row.lineManager))]
      : [];
  const members = [...new Set(rows.flatMap(belowOf))];
  if (members.length === 0) return rows.map((row) => ({ ...row, lineSetBy: [] }));
  const { rows: set } = await sql<{ id: string; by: string }>`
    select distinct on (e.target_id) e.target_id as id, coalesce(c.created_by, e.actor_id) as by
    from event e left join client c on c.id = e.actor_id
    where e.target_id = any (${members}::uuid[]) and e.type = 'membership.updated'
      and e.after ->> 'lineManagerId' is distinct from e.before ->> 'lineManagerId'
    order by e.target_id, e.position desc`.execute(db);
  const setters = new Map(set.map(({ id, by }) => [id, by]));
  return rows.map((row) => ({ ...row, lineSetBy: belowOf(row).flatMap((id) => setters.get(id) ?? []) }));
}

/** Whose proved addresses these are: compared as sign-in compares them, which SQL cannot. */
async function withAddressees(db: Kysely<DB>, rows: readonly RequestRow[]): Promise<RequestRow[]> {
  const normalOf = ({ kind, payload }: RequestRow): string | undefined =>
    kind === 'account' ? readEmailAddress(String(payload.email))?.normal : undefined;
  const normals = rows.flatMap((row) => normalOf(row) ?? []);
  if (normals.length === 0) return rows.map((row) => ({ ...row, addresseeId: null }));
  const { rows: people } = await sql<{ id: string; normal: string }>`
    ${prepared} select id, proved_email as normal from app_user where proved_email = any (${normals}::text[])`.execute(
    db,
  );
  const owners = new Map(people.map(({ id, normal }) => [normal, id]));
  return rows.map((row) => ({ ...row, addresseeId: owners.get(normalOf(row) ?? '') ?? null }));
}

/**
 * Several requests, in the order of their ids; what is gone is left out. Found by their ids alone, so that the wide
 * statement is planned once a connection: planning it took three times as long as reading a page.
 * @param position of each in a list, as exact text
 */
export async function readRequests(
  db: Kysely<DB>,
  ids: readonly string[],
  position: RawBuilder<unknown> = noPosition,
): Promise<RequestRow[]> {
  const { rows } = await sql<Found>`
    ${prepared} select ${columns}, ${position} as position from ${tables} where q.id = any (${ids}::uuid[])`.execute(
    db,
  );
  const found = new Map((await withOthers(db, rows)).map((row) => [row.id, row]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** What it is decided about: a person in their membership, or an organization where there is nobody yet or power is asked for. */
export function targetOf(row: RequestRow): Target & { id: string } {
  const { organizationId, path, off } = row;
  if (!row.membershipId || row.kind === 'delegation')
    return { kind: 'organization', id: organizationId, organizationId, path, off, userId: undefined };
  return {
    kind: 'membership',
    id: row.membershipId,
    organizationId,
    path,
    off,
    userId: row.userId!,
    line: row.line!,
  };
}

/** What deciding the open step is judged on; or any other step, with all who could come to be asked there. */
export function askingOf(row: RequestRow, step?: number): Asking {
  const levels = row.plan[step ?? row.step]?.levels ?? [];
  return {
    requesterId: row.requesterId,
    subjectId: row.userId,
    addresseeId: row.addresseeId,
    target: targetOf(row),
    gives: row.gives,
    entitlements: row.entitlements,
    approvers: levels
      .slice(0, step === undefined ? row.level + 1 : levels.length)
      .flatMap(({ approvers }) => approvers),
    lineManager: row.lineManager,
    lineSetBy: row.lineSetBy,
    applications: row.applications,
  };
}

/** A digest of what is asked for, as it stands now (I34). */
export const hashOf = (row: RequestRow): string =>
  payloadHash({ ...row, entitlementIds: row.entitlements.map(({ id }) => id) });

/** Where an open request stands. */
export const progressOf = (row: RequestRow): Progress => ({
  step: row.step,
  level: row.level,
  levelAt: row.levelAt!,
  doneUntil: row.doneUntil!,
  pausedAt: row.pausedAt,
  pausedLevel: row.pausedLevel,
  pauseLeft: row.pauseLeft,
  deadline: row.deadline!,
});

/** A request as its events say it, without anybody's name or words. */
export const stateOf = (row: RequestRow): Record<string, unknown> => ({
  id: row.id,
  kind: row.kind,
  payloadHash: row.payloadHash,
  files: row.files,
  requesterId: row.requesterId,
  membershipId: row.membershipId,
  entitlementId: row.entitlementId,
  accessRoleId: row.accessRoleId,
  entitlementIds: row.entitlements.map(({ id }) => id),
  endsAt: row.endsAt?.toISOString() ?? null,
  made: row.made,
  state: row.state,
  decidedBy: row.decidedBy,
  decidedAt: row.decidedAt?.toISOString() ?? null,
  version: row.version,
});
