import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { isInstance } from '../access/rules.ts';
import type { Target } from '../authority/delegation.ts';
import type { Permission } from '../authority/permissions.ts';
import { permissionNames } from '../authority/permissions.ts';
import { inReach, reach } from '../authority/reach.ts';
import { adminRoleDescription, adminRoleName, permissionWords } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { levelAbove } from './view.ts';

/** An admin role as people choose one: a named set of permissions, in words. */
export const adminRoleView = z
  .object({
    id: z.string(),
    key: z.string().nullable().describe('Of a built-in one, the same on every instance.'),
    organizationId: z
      .string()
      .nullable()
      .describe(
        'Where it stands: it can be given there and below. Null: a built-in one, given anywhere; or from above.',
      ),
    organizationName: z
      .string()
      .nullable()
      .describe('"a level above" when out of reach; null: a built-in one.'),
    name: z.string(),
    description: z.string(),
    permissions: z.array(z.string()),
    permissionWords: z.array(z.string()),
    state: z.enum(['active', 'retired']).describe('A retired one is not given anew; who has it keeps it.'),
    version: z.number().int(),
  })
  .meta({ id: 'AdminRole' });
export type AdminRole = z.infer<typeof adminRoleView>;

/** What a role is made of: permissions in words, each at most once. */
export const chosenPermissions = z
  .array(z.enum(permissionNames))
  .min(1)
  .max(permissionNames.length)
  .describe('What it lets do. Making a role gives nobody anything.');

/** @param seen whether the reader sees where it stands: what was given to them from above says that, and no more (ruling 9) */
const columnsFor = (seen: RawBuilder<boolean>): RawBuilder<unknown> => sql`
  r.id, r.key, case when ${seen} then r.organization_id end as "organizationId",
  case when ${seen} then o.name when r.organization_id is not null then ${levelAbove()} end as "organizationName", r.name, r.description, r.permissions, r.state, r.version`;

const toView = (row: Omit<AdminRole, 'permissionWords'>): AdminRole => ({
  ...row,
  name: adminRoleName(row.id, row.name),
  description: adminRoleDescription(row.id, row.description),
  permissionWords: row.permissions.map(permissionWords),
});

/**
 * Which roles `r` (standing at `o`) a reader knows: the built-in ones; those of places that they see; and those of
 * delegations that they hold or read.
 */
export function knownRoles({ facts }: Pick<Context, 'facts'>): RawBuilder<boolean> {
  if (isInstance(facts)) return sql<boolean>`true`;
  return sql<boolean>`(r.organization_id is null or ${inReach(reach(facts, 'organization.read'), sql`o.path`)}
    or exists (select 1 from delegation d where d.admin_role_id = r.id and d.state <> 'ended' and (
      d.id = any (${facts.held.map(({ id }) => id)}::uuid[])
      or exists (select 1 from unnest(d.place_paths) p (path)
        where ${inReach(reach(facts, 'delegation.read'), sql`p.path`, sql`d.delegate_user_id`)}))))`;
}

/** The roles that the reader knows, the built-in ones first; with `path`, only those that can be given there. */
export async function listAdminRoles(
  context: Context,
  { path, retired }: { path: string | undefined; retired: boolean },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: AdminRole[]; next?: string }> {
  const after = decodeCursor(cursor, ['uuid']);
  const seen = isInstance(context.facts)
    ? sql<boolean>`true`
    : inReach(reach(context.facts, 'organization.read'), sql`o.path`);
  const { rows } = await sql<Omit<AdminRole, 'permissionWords'>>`
    select ${columnsFor(seen)} from admin_role r left join organization o on o.id = r.organization_id
    where ${knownRoles(context)}
      ${path === undefined ? sql`` : sql`and (r.organization_id is null or o.path = any (path_ancestors(${path})))`}
      ${retired ? sql`` : sql`and r.state = 'active'`}
      ${after ? sql`and r.id > ${after[0]}::uuid` : sql``}
    order by r.id limit ${limit + 1}`.execute(context.db);
  return toPage(rows.map(toView), limit, ({ id }) => [id]);
}

export async function readAdminRole(db: Kysely<DB>, adminRoleId: string): Promise<AdminRole | undefined> {
  const { rows } = await sql<Omit<AdminRole, 'permissionWords'>>`
    select ${columnsFor(sql`true`)} from admin_role r left join organization o on o.id = r.organization_id where r.id = ${adminRoleId}`.execute(
    db,
  );
  return rows[0] && toView(rows[0]);
}

/** Where an admin role stands; the built-in ones, at the top. */
export async function adminRoleTarget(db: Kysely<DB>, adminRoleId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'admin-role' as kind, r.id, o.id as "organizationId", o.path, place_is_off(o.path) as off
    from admin_role r join organization o on case when r.organization_id is null then o.parent_id is null else o.id = r.organization_id end
    where r.id = ${adminRoleId}`.execute(db);
  return rows[0];
}

/**
 * The role that an operation changes, as it stands.
 * @throws Refusal `admin-role.built-in`, `admin-role.retired`, `version.stale`
 */
export async function ownAdminRole(context: Context, adminRoleId: string): Promise<AdminRole> {
  const role = (await readAdminRole(context.db, adminRoleId))!;
  if (role.organizationId === null) throw refuse('admin-role.built-in');
  context.checkVersion(role.version);
  return role;
}

/** The whole row, as the trail keeps it: what it holds decides what everybody has who was given it. */
export async function adminRoleState(db: Kysely<DB>, adminRoleId: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ state: Record<string, unknown> }>`
    select to_jsonb(r) as state from admin_role r where r.id = ${adminRoleId}`.execute(db);
  return rows[0]!.state;
}

export const inOrder = (chosen: readonly Permission[]): Permission[] =>
  permissionNames.filter((name) => chosen.includes(name));
