import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../authority/delegation.ts';
import { instant } from '../authority/facts.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Recipient } from './recipients.ts';

/** Access roles, as the operations of this room show and write them. */
export const accessRoleView = z.object({
  id: z.uuid(),
  organizationId: z.uuid(),
  organizationName: z.string(),
  name: z.string(),
  description: z.string(),
  state: z.enum(['active', 'retired']),
  contains: z.array(
    z.object({
      entitlementId: z.uuid(),
      name: z.string(),
      applicationId: z.uuid(),
      applicationName: z.string(),
    }),
  ),
  version: z.number().int(),
});
export type AccessRole = z.infer<typeof accessRoleView> & { path: string };

const columns = sql`
  r.id, r.organization_id as "organizationId", o.name as "organizationName", o.path, r.name, r.description, r.state, r.version,
  coalesce((select jsonb_agg(jsonb_build_object('entitlementId', e.id, 'name', e.name, 'applicationId', ap.id,
      'applicationName', ap.name) order by ap.name, e.name, e.id)
    from access_role_entitlement re join entitlement e on e.id = re.entitlement_id join application ap on ap.id = e.application_id
    where re.access_role_id = r.id), '[]') as contains`;

export async function readAccessRole(db: Kysely<DB>, accessRoleId: string): Promise<AccessRole | undefined> {
  const { rows } = await sql<AccessRole>`
    select ${columns} from access_role r join organization o on o.id = r.organization_id where r.id = ${accessRoleId}`.execute(
    db,
  );
  return rows[0];
}

export async function listAccessRoles(
  db: Kysely<DB>,
  filter: { reach: Reach; organizationId: string | undefined; search: string | undefined },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: AccessRole[]; next?: string }> {
  const after = decodeCursor(cursor, ['text', 'uuid']);
  const pattern = filter.search && `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<AccessRole>`
    select ${columns} from access_role r join organization o on o.id = r.organization_id
    where r.state = 'active' and ${inReach(filter.reach, sql`o.path`)}
      ${filter.organizationId ? sql`and r.organization_id = ${filter.organizationId}` : sql``}
      ${pattern ? sql`and (r.name ilike ${pattern} or r.description ilike ${pattern})` : sql``}
      ${after ? sql`and (r.name collate "C", r.id) > (${after[0]}, ${after[1]}::uuid)` : sql``}
    order by r.name collate "C", r.id limit ${limit + 1}`.execute(db);
  return toPage(rows, limit, (row) => [row.name, row.id]);
}

export async function accessRoleTarget(
  db: Kysely<DB>,
  accessRoleId: string,
): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'access-role' as kind, r.id, r.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from access_role r join organization o on o.id = r.organization_id where r.id = ${accessRoleId}`.execute(
    db,
  );
  return rows[0];
}

/** State for the trail: what the bundle holds decides what its holders have. */
export const accessRoleState = (role: AccessRole): Record<string, unknown> => ({
  id: role.id,
  organizationId: role.organizationId,
  name: role.name,
  description: role.description,
  state: role.state,
  entitlementIds: role.contains.map(({ entitlementId }) => entitlementId),
  version: role.version,
});

/** Who has a bundle, until when; `byRule`: everybody there whom a rule finds. */
export type Holder = Recipient & { byRule: boolean; endsAt: Date };

/** Everybody to whom a bundle was given and not ended, also by a rule: editing it is giving or taking for each (ruling 7). */
export async function holdersOf(db: Kysely<DB>, accessRoleId: string): Promise<Holder[]> {
  const { rows } = await sql<
    Target & {
      id: string;
      organizationName: string;
      timeZone: string;
      everybodyBelow: boolean;
      byRule: boolean;
      endsAt: string;
    }
  >`
    select case when m.id is null then 'organization' else 'membership' end as kind, coalesce(m.id, o.id) as id,
      o.id as "organizationId", o.path, place_is_off(o.path) as off, m.user_id as "userId", o.name as "organizationName", o.time_zone as "timeZone",
      m.id is null as "everybodyBelow", false as "byRule", a.ends_at::text as "endsAt"
    from assignment a
    left join membership m on m.id = a.membership_id
    join organization o on o.id = coalesce(a.organization_id, m.organization_id)
    where a.access_role_id = ${accessRoleId} and a.state = 'active' and (m.id is null or m.state <> 'ended')
    union all
    select 'organization', o.id, o.id, o.path, place_is_off(o.path), null, o.name, o.time_zone, r.below, true, r.ends_at::text
    from access_rule r join organization o on o.id = coalesce(r.in_organization_id, r.organization_id)
    where r.access_role_id = ${accessRoleId} and r.state <> 'ended' and r.ends_at > remit_now()`.execute(db);
  return rows.map(({ organizationName, timeZone, everybodyBelow, byRule, endsAt, userId, ...target }) => ({
    target: { ...target, userId: userId ?? undefined },
    organizationName,
    timeZone,
    everybodyBelow,
    gone: false,
    byRule,
    endsAt: instant(endsAt),
  }));
}

export async function setContents(
  db: Kysely<DB>,
  accessRoleId: string,
  added: readonly string[],
  removed: readonly string[],
): Promise<void> {
  await sql`delete from access_role_entitlement where access_role_id = ${accessRoleId} and entitlement_id = any (${removed}::uuid[])`.execute(
    db,
  );
  await sql`insert into access_role_entitlement (access_role_id, entitlement_id) select ${accessRoleId}, unnest(${added}::uuid[])`.execute(
    db,
  );
}
