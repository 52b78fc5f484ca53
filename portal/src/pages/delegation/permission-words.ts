import type { Permission } from '../../../../src/authority/permissions.ts';
import { useRead } from '../../api/queries.ts';

/** What can be let do, in words of the server: read off the admin roles, of which one holds everything. */
export function usePermissionWords(): ReadonlyMap<Permission, string> {
  const roles = useRead('admin-role.list', {});
  return new Map(
    (roles.data?.items ?? []).flatMap((role) =>
      role.permissions.map((name, index) => [name as Permission, role.permissionWords[index] ?? name]),
    ),
  );
}
