import { type Kysely, sql } from 'kysely';
import { builtInAdminRoles, permissionNames } from '../authority/permissions.ts';
import type { Change } from '../operation/operation.ts';
import { newId } from '../platform/ids.ts';
import type { DB } from '../platform/schema.gen.ts';
import { insertDelegations, loadChain } from './store.ts';

/** Path of the topmost organization: one code, as everywhere. */
export const rootPath = 'r';

export type Instance = { organizationId: string; delegationId: string; changes: Change[] };

/**
 * The first rows of an empty instance: the topmost organization, the built-in admin roles, and the root row that
 * every administer chain ends at. Undefined when they stand already.
 */
export async function createInstance(
  db: Kysely<DB>,
  { name, timeZone }: { name: string; timeZone: string },
): Promise<Instance | undefined> {
  await keepBuiltInRoles(db);
  const organizationId = newId();
  const { rows } = await sql`
    insert into organization (id, path, name, time_zone) values (${organizationId}, ${rootPath}, ${name}, ${timeZone})
    on conflict do nothing returning id`.execute(db);
  if (rows.length === 0) return undefined;
  const delegationId = newId();
  const scope = [{ places: [{ id: organizationId, path: rootPath, below: true }] }];
  await sql`
    insert into delegation (id, kind, delegate_kind, permissions, scope, place_paths, entitlements, may_pass_on)
    values (${delegationId}, 'administer', 'root', ${permissionNames}::text[], ${JSON.stringify(scope)}::jsonb, ${[rootPath]}::text[], '{"all": true}', 1000)`.execute(
    db,
  );
  const place = { organizationId, path: rootPath };
  return {
    organizationId,
    delegationId,
    changes: [
      {
        type: 'organization.created',
        targetKind: 'organization',
        targetId: organizationId,
        ...place,
        after: { id: organizationId, parentId: null, path: rootPath, state: 'active', timeZone },
        personal: { name },
      },
      {
        type: 'delegation.created',
        targetKind: 'delegation',
        targetId: delegationId,
        ...place,
        after: {
          id: delegationId,
          kind: 'administer',
          delegate_kind: 'root',
          chain: [],
          permissions: permissionNames,
          scope,
          place_paths: [rootPath],
          entitlements: { all: true },
          starts_at: '-infinity',
          ends_at: 'infinity',
          may_pass_on: 1000,
          state: 'active',
          version: 1,
        },
      },
    ],
  };
}

/** The built-in admin roles as this software knows them; a newer one may know more permissions. */
export async function keepBuiltInRoles(db: Kysely<DB>): Promise<void> {
  for (const role of builtInAdminRoles)
    await sql`
      insert into admin_role (id, key, name, description, permissions) values (${role.id}, ${role.key}, ${role.name}, ${role.description}, ${role.permissions}::text[])
      on conflict (id) do update set name = excluded.name, description = excluded.description, permissions = excluded.permissions
      where (admin_role.name, admin_role.description, admin_role.permissions) is distinct from (excluded.name, excluded.description, excluded.permissions)`.execute(
      db,
    );
  await sql`update delegation set permissions = ${permissionNames}::text[] where delegate_kind = 'root' and permissions <> ${permissionNames}::text[]`.execute(
    db,
  );
}

/** Gives somebody everything, directly below the root row: an owner. Only set-up and the operator do this. */
export async function appointOwner(
  db: Kysely<DB>,
  owner: { userId: string; membershipId: string },
  ownerRoleId: string,
): Promise<Change> {
  const { rows } = await sql<{ id: string; organizationId: string }>`
    select d.id, o.id as "organizationId" from delegation d, organization o where d.delegate_kind = 'root' and o.parent_id is null`.execute(
    db,
  );
  const root = await loadChain(db, rows[0]!.id);
  const [state] = await insertDelegations(db, [
    {
      parent: root!,
      giverUserId: null,
      giverDelegationId: null,
      delegate: { kind: 'user', ...owner },
      adminRoleId: ownerRoleId,
      permissions: [],
      scope: root![0]!.scope,
      entitlements: { all: true },
      startsAt: root![0]!.startsAt,
      endsAt: root![0]!.endsAt,
      mayPassOn: 999,
    },
  ]);
  return {
    type: 'delegation.created',
    targetKind: 'delegation',
    targetId: state!.id,
    organizationId: rows[0]!.organizationId,
    path: rootPath,
    subjectId: owner.userId,
    after: state!,
  };
}
