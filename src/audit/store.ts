import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import { eventColumns, type StoredEvent } from '../operation/events.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';

/** An event and where its actor acted from. */
export type TrailRow = StoredEvent & { actorPath: string | null };

/** The place is that of now: what may be known of an event is asked there (history obeys today's reach). */
const columns = sql`${eventColumns}, place_now(e.path) as path, (select m.path from membership m where m.id = e.actor_membership_id) as "actorPath"`;

/** Newest first. The position is the order of the log itself, so a page neither skips nor repeats. */
export async function pageOfTrail(
  db: Kysely<DB>,
  where: RawBuilder<unknown>,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ items: TrailRow[]; next?: string }> {
  const after = decodeCursor(cursor, ['count'])?.[0];
  const beyond = after === undefined ? sql`` : sql`and e.position < ${Number(after)}`;
  const { rows } = await sql<TrailRow>`
    select ${columns} from event e where ${where} ${beyond} order by e.position desc limit ${limit + 1}`.execute(
    db,
  );
  return toPage(rows, limit, (row) => [row.position]);
}

/**
 * What was done to a person and by them. Two index walks, each cut to a page: asked with "or", the planner walks the
 * whole log backwards for somebody with few events.
 */
export async function pageOfOwnTrail(
  db: Kysely<DB>,
  userId: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ items: TrailRow[]; next?: string }> {
  const after = decodeCursor(cursor, ['count'])?.[0];
  const beyond = after === undefined ? sql`` : sql`and e.position < ${Number(after)}`;
  const walk = (where: RawBuilder<unknown>) => sql`
    (select e.id from event e where ${where} ${beyond} order by e.position desc limit ${limit + 1})`;
  const { rows } = await sql<TrailRow>`
    select ${columns} from event e where e.id in (
      ${walk(sql`e.subject_id = ${userId}`)} union ${walk(sql`e.actor_id = ${userId}`)})
    order by e.position desc limit ${limit + 1}`.execute(db);
  return toPage(rows, limit, (row) => [row.position]);
}

export async function readTrail(db: Kysely<DB>, eventId: string): Promise<TrailRow | undefined> {
  const { rows } = await sql<TrailRow>`select ${columns} from event e where e.id = ${eventId}`.execute(db);
  return rows[0];
}

export type Names = {
  users: ReadonlyMap<string, { name: string; path: string }>;
  clients: ReadonlyMap<string, { name: string; path: string }>;
  organizations: ReadonlyMap<string, { name: string; path: string }>;
  entitlements: ReadonlyMap<string, { name: string; application: string }>;
  accessRoles: ReadonlyMap<string, { name: string }>;
  applications: ReadonlyMap<string, { name: string }>;
};

export type Wanted = Record<keyof Names, (string | null | undefined)[]>;

/** Names of now, for as many events as a page has, in one statement. */
export async function loadNames(db: Kysely<DB>, wanted: Wanted): Promise<Names> {
  const ids = (kind: keyof Names) => [
    ...new Set(wanted[kind].filter((id): id is string => typeof id === 'string')),
  ];
  const { rows } = await sql<{ kind: keyof Names; id: string; name: string; more: string | null }>`
    select 'users' as kind, u.id, u.display_name as name, o.path as more
      from app_user u join organization o on o.id = u.home_organization_id where u.id = any (${ids('users')}::uuid[])
    union all select 'clients', c.id, c.name, o.path from client c join organization o on o.id = c.organization_id
      where c.id = any (${ids('clients')}::uuid[])
    union all select 'organizations', id, name, path from organization where id = any (${ids('organizations')}::uuid[])
    union all select 'entitlements', e.id, e.name, p.name from entitlement e join application p on p.id = e.application_id
      where e.id = any (${ids('entitlements')}::uuid[])
    union all select 'accessRoles', id, name, null from access_role where id = any (${ids('accessRoles')}::uuid[])
    union all select 'applications', id, name, null from application where id = any (${ids('applications')}::uuid[])`.execute(
    db,
  );
  const of = <T>(kind: keyof Names, make: (row: (typeof rows)[number]) => T): Map<string, T> =>
    new Map(rows.filter((row) => row.kind === kind).map((row) => [row.id, make(row)]));
  return {
    users: of('users', ({ name, more }) => ({ name, path: more! })),
    clients: of('clients', ({ name, more }) => ({ name, path: more! })),
    organizations: of('organizations', ({ name, more }) => ({ name, path: more! })),
    entitlements: of('entitlements', ({ name, more }) => ({ name, application: more! })),
    accessRoles: of('accessRoles', ({ name }) => ({ name })),
    applications: of('applications', ({ name }) => ({ name })),
  };
}

/** Where an event stands; those of no organization are the operator's alone. */
export async function eventTarget(db: Kysely<DB>, eventId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'event' as kind, e.id, e.organization_id as "organizationId", place_now(e.path) as path, place_is_off(place_now(e.path)) as off,
      e.subject_id as "userId", line_of(e.subject_id, place_now(e.path)) as line
    from event e where e.id = ${eventId} and e.path is not null`.execute(db);
  return rows[0];
}
