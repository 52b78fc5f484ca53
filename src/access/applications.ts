import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../authority/delegation.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { newId } from '../platform/ids.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type RiskClass, riskClass } from './risk.ts';

/** Applications and their roles, as the operations of this room show and write them. */
export const roleView = z.object({
  entitlementId: z.uuid(),
  key: z.string(),
  name: z.string(),
  description: z.string(),
  risk: riskClass,
  state: z.enum(['active', 'retired']),
});

export const applicationView = z.object({
  id: z.uuid(),
  organizationId: z.uuid(),
  organizationName: z.string(),
  key: z.string(),
  name: z.string(),
  description: z.string(),
  homeUrl: z.string().nullable(),
  redirectUris: z.array(z.string()),
  postLogoutRedirectUris: z.array(z.string()),
  clientId: z
    .string()
    .describe('What the application calls itself when it signs people in (OpenID Connect).'),
  confidential: z.boolean().describe('It keeps a secret; otherwise it is a public client with PKCE.'),
  state: z.enum(['active', 'retired']),
  roles: z.array(roleView),
  version: z.number().int(),
});
export type ApplicationView = z.infer<typeof applicationView>;

type Row = ApplicationView & { path: string };

const columns = sql`
  ap.id, ap.organization_id as "organizationId", o.name as "organizationName", o.path, ap.key, ap.name, ap.description,
  ap.home_url as "homeUrl", ap.redirect_uris as "redirectUris", ap.post_logout_redirect_uris as "postLogoutRedirectUris",
  ap.client_id as "clientId", ap.client_secret_hash is not null as confidential, ap.state, ap.version,
  coalesce((select jsonb_agg(jsonb_build_object('entitlementId', e.id, 'key', e.key, 'name', e.name, 'description', e.description,
    'risk', e.risk, 'state', e.state) order by e.state, e.name, e.id) from entitlement e where e.application_id = ap.id), '[]') as roles`;

export async function readApplication(db: Kysely<DB>, applicationId: string): Promise<Row | undefined> {
  const { rows } = await sql<Row>`
    select ${columns} from application ap join organization o on o.id = ap.organization_id where ap.id = ${applicationId}`.execute(
    db,
  );
  return rows[0];
}

export async function listApplications(
  db: Kysely<DB>,
  filter: { reach: Reach; search: string | undefined; retired: boolean },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: Row[]; next?: string }> {
  const after = decodeCursor(cursor, ['text', 'uuid']);
  const pattern = filter.search && `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<Row>`
    select ${columns} from application ap join organization o on o.id = ap.organization_id
    where ${inReach(filter.reach, sql`o.path`)}
      ${filter.retired ? sql`` : sql`and ap.state = 'active'`}
      ${pattern ? sql`and (ap.name ilike ${pattern} or ap.key ilike ${pattern} or ap.description ilike ${pattern})` : sql``}
      ${after ? sql`and (ap.name collate "C", ap.id) > (${after[0]}, ${after[1]}::uuid)` : sql``}
    order by ap.name collate "C", ap.id limit ${limit + 1}`.execute(db);
  return toPage(rows, limit, (row) => [row.name, row.id]);
}

/** Where an application stands. */
export async function applicationTarget(
  db: Kysely<DB>,
  applicationId: string,
): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'application' as kind, ap.id, ap.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from application ap join organization o on o.id = ap.organization_id where ap.id = ${applicationId}`.execute(
    db,
  );
  return rows[0];
}

/** Where a role stands: with its application. */
export async function entitlementTarget(
  db: Kysely<DB>,
  entitlementId: string,
): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'entitlement' as kind, e.id, ap.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from entitlement e join application ap on ap.id = e.application_id join organization o on o.id = ap.organization_id
    where e.id = ${entitlementId}`.execute(db);
  return rows[0];
}

/** Many at once with their applications, by one statement; ids that do not exist are absent. */
export async function entitlementTargets(
  db: Kysely<DB>,
  entitlementIds: readonly string[],
): Promise<Map<string, { target: Target & { id: string }; applicationId: string }>> {
  if (entitlementIds.length === 0) return new Map();
  const { rows } = await sql<Target & { id: string; applicationId: string }>`
    select 'entitlement' as kind, e.id, ap.organization_id as "organizationId", o.path, place_is_off(o.path) as off,
      ap.id as "applicationId"
    from entitlement e join application ap on ap.id = e.application_id join organization o on o.id = ap.organization_id
    where e.id = any (${entitlementIds}::uuid[])`.execute(db);
  return new Map(rows.map(({ applicationId, ...target }) => [target.id, { target, applicationId }]));
}

/** A client id that nobody guesses and that never tells whether the same key is in use elsewhere (I06). */
export const newClientId = (applicationKey: string): string =>
  `${applicationKey}-${randomBytes(6).toString('hex')}`;

export type NewRole = {
  key: string;
  name: string;
  description?: string | undefined;
  risk?: RiskClass | undefined;
};
export type AddedRole = { id: string; key: string; name: string; description: string; risk: RiskClass };

/** Adds roles to an application; one whose key is taken is left out of the answer. */
export async function addRoles(
  db: Kysely<DB>,
  applicationId: string,
  roles: readonly NewRole[],
): Promise<AddedRole[]> {
  const rows = roles.map((role) => ({ id: newId(), description: '', ...role, risk: role.risk ?? 'normal' }));
  const { rows: written } = await sql<AddedRole>`
    insert into entitlement (id, application_id, key, name, description, risk)
    select r.id, ${applicationId}, r.key, r.name, r.description, r.risk
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, key text, name text, description text, risk text)
    on conflict do nothing returning id, key, name, description, risk`.execute(db);
  return written;
}

/** State for the trail; names are not personal here. */
export const applicationState = (row: Row): Record<string, unknown> => {
  const { path: _, organizationName: __, roles, ...state } = row;
  return {
    ...state,
    roles: roles.map(({ entitlementId, key, risk, state }) => ({ entitlementId, key, risk, state })),
  };
};

/** Places where somebody was given this application, directly or by an access role: they rest on its redirects. */
export async function placesOfUse(db: Kysely<DB>, applicationId: string): Promise<Target[]> {
  const { rows } = await sql<Target>`
    select distinct on (o.path) 'organization' as kind, o.id, o.id as "organizationId", o.path, false as off
    from assignment a
    left join membership m on m.id = a.membership_id
    join organization o on o.id = coalesce(a.organization_id, m.organization_id)
    where a.state = 'active' and (
      a.entitlement_id in (select e.id from entitlement e where e.application_id = ${applicationId})
      or a.access_role_id in (select re.access_role_id from access_role_entitlement re
        join entitlement e on e.id = re.entitlement_id where e.application_id = ${applicationId}))`.execute(
    db,
  );
  return rows;
}
