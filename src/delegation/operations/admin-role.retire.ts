import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import {
  adminRoleState,
  adminRoleTarget,
  adminRoleView,
  ownAdminRole,
  readAdminRole,
} from '../admin-roles.ts';

export const adminRoleRetire = operation({
  name: 'admin-role.retire',
  summary: 'Retire an admin role: it is not given any more; whoever has it keeps it until that is ended',
  http: 'POST /admin-roles/{adminRoleId}/retire',
  input: z.object({ adminRoleId: z.uuid() }),
  output: adminRoleView,
  needs: {
    permission: 'admin-role.configure',
    target: (db, input) => adminRoleTarget(db, input.adminRoleId),
    visibleBy: 'organization.read',
  },
  // Whoever is being given it just now comes before or after, not between.
  effect: 'ending',
  previews: true,
  events: ['admin-role.retired'],
  run: async (context, { adminRoleId }) => {
    const { db, target } = context;
    const role = await ownAdminRole(context, adminRoleId);
    if (role.state === 'retired') {
      context.nothingChanged();
      return role;
    }
    const before = await adminRoleState(db, adminRoleId);
    await sql`update admin_role set state = 'retired', version = version + 1 where id = ${adminRoleId}`.execute(
      db,
    );
    context.record({
      type: 'admin-role.retired',
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
