import { sql } from 'kysely';
import { z } from 'zod';
import { description, label } from '../../access/fields.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { adminRoleState, adminRoleView, chosenPermissions, inOrder, readAdminRole } from '../admin-roles.ts';

export const adminRoleCreate = operation({
  name: 'admin-role.create',
  summary: 'Make an admin role of an organization’s own, by choosing what it lets do',
  http: 'POST /admin-roles',
  input: z.object({
    organizationId: z.uuid().describe('It can be given at this organization and below.'),
    name: label,
    description: description.default(''),
    permissions: chosenPermissions,
  }),
  output: adminRoleView,
  needs: {
    permission: 'admin-role.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['admin-role.created'],
  run: async (context, input) => {
    const { db, target } = context;
    const id = newId(context.at.getTime());
    const { rows } = await sql`
      insert into admin_role (id, organization_id, name, description, permissions)
      values (${id}, ${input.organizationId}, ${input.name}, ${input.description}, ${inOrder(input.permissions)}::text[])
      on conflict do nothing returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    context.record({
      type: 'admin-role.created',
      targetKind: 'admin-role',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: await adminRoleState(db, id),
    });
    return (await readAdminRole(db, id))!;
  },
});
