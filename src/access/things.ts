import { type Kysely, sql } from 'kysely';
import type { EntitlementRef } from '../authority/delegation.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import type { DB } from '../platform/schema.gen.ts';

/** What can be given: a role in an application, or an access role that bundles some. */
export type Thing = {
  kind: 'entitlement' | 'access-role';
  id: string;
  name: string;
  description: string;
  /** application of an entitlement; absent for an access role */
  application: { id: string; name: string } | undefined;
  /** the organization that it stands in */
  organizationId: string;
  path: string;
  /** false when it, or its application, is retired */
  live: boolean;
  /** a role of it is part of a separation of duties, somewhere */
  separated: boolean;
  /** itself, or what the bundle holds now, without what was retired */
  entitlements: (EntitlementRef & { name: string; applicationName: string })[];
};

type Row = Omit<Thing, 'application'> & { applicationId: string | null; applicationName: string | null };

const toThing = ({ applicationId, applicationName, ...row }: Row): Thing => ({
  ...row,
  application: applicationId === null ? undefined : { id: applicationId, name: applicationName! },
});

const entitlementThings = sql`
  select 'entitlement' as kind, e.id, e.name, e.description, ap.id as "applicationId", ap.name as "applicationName",
    o.id as "organizationId", o.path, e.state = 'active' and ap.state = 'active' as live,
    exists (select 1 from separation_part p where p.entitlement_id = e.id) as separated,
    jsonb_build_array(jsonb_build_object('id', e.id, 'applicationId', ap.id, 'name', e.name, 'applicationName', ap.name)) as entitlements
  from entitlement e join application ap on ap.id = e.application_id join organization o on o.id = ap.organization_id`;

const accessRoleThings = sql`
  select 'access-role' as kind, r.id, r.name, r.description, null::uuid as "applicationId", null::text as "applicationName",
    o.id as "organizationId", o.path, r.state = 'active' as live,
    exists (select 1 from access_role_entitlement re join separation_part p on p.entitlement_id = re.entitlement_id
      where re.access_role_id = r.id) as separated,
    coalesce((
      select jsonb_agg(jsonb_build_object('id', e.id, 'applicationId', ap.id, 'name', e.name, 'applicationName', ap.name) order by ap.name, e.name)
      from access_role_entitlement re join entitlement e on e.id = re.entitlement_id join application ap on ap.id = e.application_id
      where re.access_role_id = r.id and e.state = 'active' and ap.state = 'active'), '[]') as entitlements
  from access_role r join organization o on o.id = r.organization_id`;

/** The named things, by id; what does not exist is absent. One statement. */
export async function loadThings(
  db: Kysely<DB>,
  entitlementIds: readonly string[],
  accessRoleIds: readonly string[],
): Promise<Map<string, Thing>> {
  const { rows } = await sql<Row>`
    ${entitlementThings} where e.id = any (${entitlementIds}::uuid[])
    union all ${accessRoleThings} where r.id = any (${accessRoleIds}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, toThing(row)]));
}

/** More than this many live things in one place's sight is no list that a person chooses from (I59). */
const most = 5000;

/**
 * The live things that stand at or above a place, by application and name, and those in `reach`. What stands in a
 * sibling's branch is not for this place to know of.
 */
export async function thingsInSight(
  db: Kysely<DB>,
  path: string,
  { search, reach }: { search?: string | undefined; reach?: Reach },
): Promise<Thing[]> {
  const above = sql`(o.path = any (path_ancestors(${path}))${reach ? sql` or ${inReach(reach, sql`o.path`)}` : sql``})`;
  const pattern = search ? `%${search.replace(/[\\%_]/g, '\\$&')}%` : undefined;
  const { rows } = await sql<Row>`
    select * from (
      ${entitlementThings} where ${above} and e.state = 'active' and ap.state = 'active'
        ${pattern ? sql`and (e.name ilike ${pattern} or ap.name ilike ${pattern} or e.description ilike ${pattern})` : sql``}
      union all
      ${accessRoleThings} where ${above} and r.state = 'active'
        ${pattern ? sql`and (r.name ilike ${pattern} or r.description ilike ${pattern})` : sql``}
    ) things
    order by kind, coalesce("applicationName", ''), name, id limit ${most}`.execute(db);
  return rows.map(toThing);
}
