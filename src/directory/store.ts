import { type Kysely, sql } from 'kysely';
import type { Place } from '../authority/place.ts';
import { newId } from '../platform/ids.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Attributes } from './attributes.ts';
import { spanOf } from './days.ts';
import { childPath, deepest, levelOf, sortName } from './rules.ts';

export type OrganizationRow = {
  id: string;
  parentId: string | null;
  path: string;
  name: string;
  description: string;
  state: 'active' | 'suspended' | 'closed';
  timeZone: string;
  domains: string[];
  version: number;
};

const organizationColumns = sql`
  o.id, o.parent_id as "parentId", o.path, o.name, o.description, o.state, o.time_zone as "timeZone", o.domains, o.version`;

/** An organization as it stands in events: what an auditor folds, without names. */
export const organizationState = ({ name: _, description: __, ...state }: OrganizationRow) => state;

export async function readOrganization(
  db: Kysely<DB>,
  organizationId: string,
): Promise<OrganizationRow | undefined> {
  const { rows } = await sql<OrganizationRow>`
    select ${organizationColumns} from organization o where o.id = ${organizationId}`.execute(db);
  return rows[0];
}

/**
 * Holds an organization where it is until the transaction ends. Whoever copies its path does this first: an
 * invitation racing a move stored a stale path despite the foreign key.
 */
export async function lockOrganization(db: Kysely<DB>, organizationId: string): Promise<OrganizationRow> {
  const { rows } = await sql<OrganizationRow>`
    select ${organizationColumns} from organization o where o.id = ${organizationId} for key share of o`.execute(
    db,
  );
  const [row] = rows;
  if (!row) throw refuse('not-found');
  return row;
}

/** The same for somebody who is about to change it: one change of an organization at a time. */
export async function lockOrganizationToChange(
  db: Kysely<DB>,
  organizationId: string,
): Promise<OrganizationRow> {
  const { rows } = await sql<OrganizationRow>`
    select ${organizationColumns} from organization o where o.id = ${organizationId} for no key update of o`.execute(
    db,
  );
  const [row] = rows;
  if (!row) throw refuse('not-found');
  return row;
}

export type NewOrganization = {
  parentId: string;
  name: string;
  description?: string | undefined;
  /** the parent's when absent */
  timeZone?: string | undefined;
};

/**
 * Adds an organization below another. The parent's row gives the next code away under its lock, so that two
 * children never share a path.
 * @throws Refusal `organization.too-deep`, `organization.name-taken`
 */
export async function addOrganization(db: Kysely<DB>, made: NewOrganization): Promise<OrganizationRow> {
  const { rows: parents } = await sql<{ path: string; code: number; timeZone: string }>`
    update organization set next_code = next_code + 1 where id = ${made.parentId}
    returning path, next_code - 1 as code, time_zone as "timeZone"`.execute(db);
  const [parent] = parents;
  if (!parent) throw refuse('not-found');
  if (levelOf(parent.path) >= deepest) throw refuse('organization.too-deep', { limit: deepest });
  const row: OrganizationRow = {
    id: newId(),
    parentId: made.parentId,
    path: childPath(parent.path, parent.code),
    name: made.name,
    description: made.description ?? '',
    state: 'active',
    timeZone: made.timeZone ?? parent.timeZone,
    domains: [],
    version: 1,
  };
  const { rows } = await sql`
    insert into organization (id, parent_id, path, name, description, time_zone)
    values (${row.id}, ${row.parentId}, ${row.path}, ${row.name}, ${row.description}, ${row.timeZone})
    on conflict (parent_id, lower(name)) where state <> 'closed' do nothing returning 1`.execute(db);
  if (rows.length === 0) throw refuse('organization.name-taken', { name: row.name });
  return row;
}

/** @throws Refusal `organization.name-taken` */
export async function changeOrganization(db: Kysely<DB>, row: OrganizationRow): Promise<void> {
  const { rows } = await sql<{ taken: boolean }>`
    select exists (select 1 from organization o where o.parent_id = ${row.parentId} and lower(o.name) = lower(${row.name})
      and o.state <> 'closed' and o.id <> ${row.id}) as taken`.execute(db);
  if (rows[0]!.taken && row.state !== 'closed') throw refuse('organization.name-taken', { name: row.name });
  await sql`
    update organization set name = ${row.name}, description = ${row.description}, time_zone = ${row.timeZone},
      domains = ${row.domains}, state = ${row.state}, version = ${row.version},
      closed_at = case when ${row.state} = 'closed' then remit_now() end
    where id = ${row.id}`.execute(db);
}

/** Domains among these that stand in another organization already. */
export async function domainsTaken(
  db: Kysely<DB>,
  organizationId: string,
  domains: string[],
): Promise<string[]> {
  if (domains.length === 0) return [];
  const { rows } = await sql<{ domain: string }>`
    select distinct domain from organization o, unnest(o.domains) domain
    where o.domains && ${domains}::text[] and domain = any (${domains}::text[]) and o.id <> ${organizationId}
    order by domain`.execute(db);
  return rows.map(({ domain }) => domain);
}

export type MembershipRow = {
  id: string;
  userId: string;
  organizationId: string;
  path: string;
  title: string;
  lineManagerId: string | null;
  attributes: Attributes;
  firstDay: string | null;
  lastDay: string | null;
  startsAt: Date;
  endsAt: Date;
  state: 'active' | 'suspended' | 'ended';
  endedAt: Date | null;
  version: number;
};

export const membershipColumns = sql`
  m.id, m.user_id as "userId", m.organization_id as "organizationId", m.path, m.title, m.line_manager_id as "lineManagerId",
  m.attributes, m.first_day as "firstDay", m.last_day as "lastDay", m.starts_at as "startsAt", m.ends_at as "endsAt", m.state,
  m.ended_at as "endedAt", m.version`;

/** A membership as it stands in events; title and attributes say something about the person and stay out. */
export const membershipState = ({ title: _, attributes: __, ...state }: MembershipRow) => state;

/** Reads a membership for a change, so that two changes of it follow one another. */
export async function lockMembership(db: Kysely<DB>, membershipId: string): Promise<MembershipRow> {
  const { rows } = await sql<MembershipRow>`
    select ${membershipColumns} from membership m where m.id = ${membershipId} for no key update`.execute(db);
  const [row] = rows;
  if (!row) throw refuse('not-found');
  return row;
}

export type NewMembership = {
  userId: string;
  displayName: string;
  organizationId: string;
  title?: string | undefined;
  firstDay?: string | null | undefined;
  lastDay?: string | null | undefined;
};

/**
 * Adds a membership, with the organization's path and the days' instants, as of now.
 * @throws Refusal `membership.exists`
 */
export async function addMembership(db: Kysely<DB>, made: NewMembership): Promise<MembershipRow> {
  const organization = await lockOrganization(db, made.organizationId);
  const firstDay = made.firstDay ?? null;
  const lastDay = made.lastDay ?? null;
  const span = spanOf(firstDay, lastDay, organization.timeZone);
  const { rows } = await sql<MembershipRow>`
    insert into membership as m (id, user_id, organization_id, path, sort_name, title, first_day, last_day, starts_at, ends_at)
    values (${newId()}, ${made.userId}, ${organization.id}, ${organization.path}, ${sortName(made.displayName)}, ${made.title ?? ''},
      ${firstDay}, ${lastDay}, ${span.startsAt}, ${span.endsAt})
    on conflict (user_id, organization_id) where state <> 'ended' do nothing
    returning ${membershipColumns}`.execute(db);
  const [row] = rows;
  if (!row) throw refuse('membership.exists');
  return row;
}

export async function changeMembership(db: Kysely<DB>, row: MembershipRow): Promise<void> {
  await sql`
    update membership set title = ${row.title}, line_manager_id = ${row.lineManagerId}, attributes = ${JSON.stringify(row.attributes)}::jsonb,
      first_day = ${row.firstDay}, last_day = ${row.lastDay}, starts_at = ${writable(row.startsAt)}, ends_at = ${writable(row.endsAt)},
      state = ${row.state}, ended_at = ${row.endedAt}, version = ${row.version}
    where id = ${row.id}`.execute(db);
}

/** The infinities are the outermost dates when read, and words when written. */
const outermost = 8.64e15;
export const writable = (instant: Date): Date | string =>
  Math.abs(instant.getTime()) === outermost ? (instant.getTime() > 0 ? 'infinity' : '-infinity') : instant;
export const readable = (instant: Date | '-infinity' | 'infinity'): Date =>
  instant === 'infinity' ? new Date(outermost) : instant === '-infinity' ? new Date(-outermost) : instant;

/** The name a person is filed under follows the name they give themselves; every membership keeps a copy. */
export async function fileUnder(db: Kysely<DB>, userId: string, displayName: string): Promise<void> {
  await sql`update membership set sort_name = ${sortName(displayName)} where user_id = ${userId}`.execute(db);
}

export const subtree = (organization: { id: string; path: string }): Place => ({
  id: organization.id,
  path: organization.path,
  below: true,
});
