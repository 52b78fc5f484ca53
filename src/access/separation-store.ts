import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { firstDayIn, firstDayOut, lastDayIn, lastDayOut } from '../directory/by-day.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import { instantOut } from './fields.ts';
import { inSight } from './give.ts';

/** Sets of roles that one person may not hold together, and the ways round them: their rows and how they are shown. */
export const separationView = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    name: z.string(),
    reason: z.string(),
    tooMany: z.number().int().describe('Nobody may hold this many of the roles, or more.'),
    roles: z.array(
      z.object({
        entitlementId: z.uuid(),
        name: z.string(),
        applicationId: z.uuid(),
        applicationName: z.string(),
      }),
    ),
    more: z.boolean().describe('There are roles among them that are out of sight.'),
    exceptions: z.number().int().describe('How many people may hold too many of them now, by an exception.'),
    state: z.enum(['active', 'retired']),
    version: z.number().int(),
  })
  .meta({ id: 'Separation' });
type Role = z.infer<typeof separationView>['roles'][number] & { organizationId: string; path: string };
export type Separation = Omit<z.infer<typeof separationView>, 'roles' | 'more'> & {
  path: string;
  setUnder: string | null;
  roles: Role[];
};

const columns = sql`
  s.id, s.organization_id as "organizationId", o.name as "organizationName", o.path, s.name, s.reason, s.too_many as "tooMany",
  s.set_under as "setUnder", s.state, s.version,
  (select count(*)::int from separation_exception x where x.separation_id = s.id and x.state = 'active'
    and x.starts_at <= remit_now() and x.ends_at > remit_now()) as exceptions,
  coalesce((select jsonb_agg(jsonb_build_object('entitlementId', e.id, 'name', e.name, 'applicationId', ap.id, 'applicationName', ap.name,
      'organizationId', ap.organization_id, 'path', ao.path) order by ap.name, e.name, e.id)
    from separation_part p join entitlement e on e.id = p.entitlement_id join application ap on ap.id = e.application_id
    join organization ao on ao.id = ap.organization_id where p.separation_id = s.id), '[]') as roles`;

export async function readSeparation(db: Kysely<DB>, id: string): Promise<Separation> {
  const { rows } = await sql<Separation>`
    select ${columns} from separation s join organization o on o.id = s.organization_id where s.id = ${id}`.execute(
    db,
  );
  return rows[0]!;
}

export async function listSeparations(
  db: Kysely<DB>,
  filter: { reach: Reach; organizationId: string | undefined },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: Separation[]; next?: string }> {
  const after = decodeCursor(cursor, ['text', 'uuid']);
  const { rows } = await sql<Separation>`
    select ${columns} from separation s join organization o on o.id = s.organization_id
    where s.state = 'active' and ${inReach(filter.reach, sql`o.path`)}
      ${filter.organizationId ? sql`and s.organization_id = ${filter.organizationId}` : sql``}
      ${after ? sql`and (lower(s.name) collate "C", s.id) > (${after[0]}, ${after[1]}::uuid)` : sql``}
    order by lower(s.name) collate "C", s.id limit ${limit + 1}`.execute(db);
  return toPage(rows, limit, (row) => [row.name.toLowerCase(), row.id]);
}

export async function separationTarget(
  db: Kysely<DB>,
  separationId: string,
): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'separation' as kind, s.id, s.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from separation s join organization o on o.id = s.organization_id where s.id = ${separationId}`.execute(
    db,
  );
  return rows[0];
}

/** For the trail: what decides who may hold what. Its name and reason are somebody's own words, outside the seal. */
export const separationState = (row: Separation): Record<string, unknown> => ({
  id: row.id,
  organizationId: row.organizationId,
  tooMany: row.tooMany,
  entitlementIds: row.roles.map(({ entitlementId }) => entitlementId),
  setUnder: row.setUnder,
  state: row.state,
  version: row.version,
});

/** Of its roles those that the reader knows of: by their own delegations, or where the application stands (I06). */
export const isSeen =
  (facts: Facts, place: string) =>
  ({ entitlementId, name, applicationId, applicationName, organizationId, path }: Role): boolean =>
    inSight(
      facts,
      {
        kind: 'entitlement',
        id: entitlementId,
        name,
        description: '',
        application: { id: applicationId, name: applicationName },
        organizationId,
        path,
        live: true,
        separated: true,
        entitlements: [{ id: entitlementId, applicationId, name, applicationName }],
      },
      place,
    );

/** As a reader sees it. */
export function shownSeparation(facts: Facts, { path, setUnder: _, ...row }: Separation) {
  const roles = row.roles.filter(isSeen(facts, path));
  return {
    ...row,
    roles: roles.map(({ organizationId: _, path: __, ...role }) => role),
    more: roles.length < row.roles.length,
  };
}

export const exceptionView = z
  .object({
    id: z.uuid(),
    separationId: z.uuid(),
    separationName: z.string(),
    membershipId: z.uuid(),
    displayName: z.string(),
    from: z.string(),
    until: z.string(),
    firstDay: firstDayOut,
    lastDay: lastDayOut,
    askedBy: z.string().nullable().describe('Null when out of sight.'),
    approvedBy: z.string().nullable().describe('Null when out of sight.'),
    reason: z.string(),
    state: z.enum(['active', 'lifted', 'over']),
    liftedAt: instantOut,
    version: z.number().int(),
  })
  .meta({ id: 'SeparationException' });
type ExceptionRow = z.infer<typeof exceptionView> & {
  userId: string;
  organizationId: string;
  path: string;
};

const instantText = (column: string) =>
  sql`to_char(${sql.raw(column)} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Names only of those whom the reader sees (ruling 9). */
const nameOf = (user: string, people: Reach) => sql`
  (select u.display_name from app_user u where u.id = x.${sql.raw(user)} and exists (
    select 1 from membership pm where pm.user_id = u.id and ${inReach(people, sql`pm.path`, sql`pm.user_id`)}))`;

const exceptionColumns = (people: Reach) => sql`
  x.id, x.separation_id as "separationId", s.name as "separationName", x.membership_id as "membershipId", u.display_name as "displayName",
  ${instantText('x.starts_at')} as "from", ${instantText('x.ends_at')} as until,
  ${firstDayIn(sql`x.starts_at`, sql`(select p.time_zone from organization p where p.id = m.organization_id)`)} as "firstDay",
  ${lastDayIn(sql`x.ends_at`, sql`(select p.time_zone from organization p where p.id = m.organization_id)`)} as "lastDay", ${nameOf('asked_by', people)} as "askedBy",
  ${nameOf('approved_by', people)} as "approvedBy", x.reason, ${instantText('x.lifted_at')} as "liftedAt", x.version,
  case when x.state = 'active' and x.ends_at <= remit_now() then 'over' else x.state end as state,
  x.user_id as "userId", m.organization_id as "organizationId", m.path`;

const exceptionFrom = sql`
  separation_exception x join separation s on s.id = x.separation_id join organization o on o.id = s.organization_id
  join membership m on m.id = x.membership_id join app_user u on u.id = x.user_id`;

export async function readSeparationException(
  db: Kysely<DB>,
  id: string,
  people: Reach,
): Promise<ExceptionRow> {
  const { rows } = await sql<ExceptionRow>`
    select ${exceptionColumns(people)} from ${exceptionFrom} where x.id = ${id}`.execute(db);
  return rows[0]!;
}

/** Of sets and of people that the reader sees, both; the one that ends first comes first. */
export async function listSeparationExceptions(
  db: Kysely<DB>,
  filter: { reach: Reach; people: Reach; separationId: string | undefined; over: boolean },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: ExceptionRow[]; next?: string }> {
  const after = decodeCursor(cursor, ['instant', 'uuid']);
  const { rows } = await sql<ExceptionRow>`
    select ${exceptionColumns(filter.people)} from ${exceptionFrom}
    where ${inReach(filter.reach, sql`o.path`)} and ${inReach(filter.reach, sql`m.path`, sql`m.user_id`)}
      ${filter.separationId ? sql`and s.id = ${filter.separationId}` : sql``}
      ${filter.over ? sql`` : sql`and s.state = 'active' and x.state = 'active' and x.ends_at > remit_now()`}
      ${after ? sql`and (date_trunc('milliseconds', x.ends_at), x.id) > (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
    order by date_trunc('milliseconds', x.ends_at), x.id limit ${limit + 1}`.execute(db);
  return toPage(rows, limit, (row) => [row.until, row.id]);
}

/** The person, at the place where the set stands: both count for who may end it. */
export async function separationExceptionTarget(
  db: Kysely<DB>,
  id: string,
): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'separation-exception' as kind, x.id, s.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from separation_exception x join separation s on s.id = x.separation_id join organization o on o.id = s.organization_id
    where x.id = ${id}`.execute(db);
  return rows[0];
}

export const exceptionState = (row: ExceptionRow): Record<string, unknown> => ({
  id: row.id,
  separationId: row.separationId,
  userId: row.userId,
  membershipId: row.membershipId,
  startsAt: row.from,
  endsAt: row.until,
  state: row.state === 'lifted' ? 'lifted' : 'active',
  version: row.version,
});

export const shownException = ({ userId: _, organizationId: __, path: ___, ...shown }: ExceptionRow) => shown;
