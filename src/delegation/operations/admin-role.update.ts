import { sql } from 'kysely';
import { z } from 'zod';
import { description, label } from '../../access/fields.ts';
import { isPermission } from '../../authority/permissions.ts';
import { withinManaging } from '../../directory/grants.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import {
  adminRoleState,
  adminRoleTarget,
  adminRoleView,
  chosenPermissions,
  inOrder,
  ownAdminRole,
  readAdminRole,
} from '../admin-roles.ts';
import { mayAddToRole, mayTakeFromRole, placesWithManagers, refuseUnmanaged } from '../edit-admin-role.ts';
import { managersOn } from '../store.ts';

export const adminRoleUpdate = operation({
  name: 'admin-role.update',
  summary: 'Change an admin role; what it lets do is given to, or taken from, everybody who has it',
  http: 'PATCH /admin-roles/{adminRoleId}',
  input: z.object({
    adminRoleId: z.uuid(),
    name: label.optional(),
    description: description.optional(),
    permissions: chosenPermissions.optional(),
  }),
  output: adminRoleView,
  needs: {
    permission: 'admin-role.configure',
    target: (db, input) => adminRoleTarget(db, input.adminRoleId),
    visibleBy: 'organization.read',
  },
  // It may take something away, and whoever is being given the role just now counts, too.
  effect: 'ending',
  previews: true,
  events: ['admin-role.updated'],
  run: async (context, { adminRoleId, ...input }) => {
    const { db, target } = context;
    const role = await ownAdminRole(context, adminRoleId);
    if (role.state === 'retired') throw refuse('admin-role.retired');
    const had = role.permissions.filter(isPermission);
    const wanted = inOrder(input.permissions ?? had);
    const added = wanted.filter((name) => !had.includes(name));
    const removed = had.filter((name) => !wanted.includes(name));
    const name = input.name ?? role.name;
    const text = input.description ?? role.description;
    if (added.length + removed.length === 0 && name === role.name && text === role.description) {
      context.nothingChanged();
      return role;
    }
    await mayAddToRole(context, adminRoleId, added);
    await mayTakeFromRole(context, adminRoleId, removed);
    const managed = await placesWithManagers(context, adminRoleId, removed);
    const before = await adminRoleState(db, adminRoleId);
    const { members, places } = added.includes('user.invite')
      ? await managersOn(context, sql`d.admin_role_id = ${adminRoleId}`)
      : { members: [], places: [] };
    const { rows } = await withinManaging(context, members, places, () =>
      sql`
      update admin_role r set name = ${name}, description = ${text}, permissions = ${wanted}::text[], version = version + 1
      where r.id = ${adminRoleId} and not exists (select 1 from admin_role other
        where other.organization_id = r.organization_id and other.name = ${name} and other.state = 'active' and other.id <> r.id)
      returning 1`.execute(db),
    );
    if (rows.length === 0) throw refuse('name-taken');
    await refuseUnmanaged(context, managed);
    context.record({
      type: 'admin-role.updated',
      targetKind: 'admin-role',
      targetId: adminRoleId,
      organizationId: target.organizationId,
      path: target.path,
      before,
      after: await adminRoleState(db, adminRoleId),
    });
    return (await readAdminRole(db, adminRoleId))!;
  },
});
