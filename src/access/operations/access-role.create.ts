import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { accessRoleState, accessRoleView, readAccessRole, setContents } from '../access-roles.ts';
import { mayAdd } from '../edit-bundle.ts';
import { description, label } from '../fields.ts';

export const accessRoleCreate = operation({
  name: 'access-role.create',
  summary: 'Bundle roles of several applications, so that they are given as one.',
  http: 'POST /access-roles',
  input: z.object({
    organizationId: z.uuid().describe('It can be given at this organization and below.'),
    name: label,
    description: description.default(''),
    entitlementIds: z.array(z.uuid()).min(1).max(200),
  }),
  output: accessRoleView,
  needs: {
    permission: 'access-role.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['access-role.created'],
  run: async (context, input) => {
    const { db, target } = context;
    const entitlementIds = [...new Set(input.entitlementIds)];
    await mayAdd(context, target, entitlementIds);
    const id = newId(context.at.getTime());
    const { rows } = await sql`
      insert into access_role (id, organization_id, name, description)
      values (${id}, ${input.organizationId}, ${input.name}, ${input.description})
      on conflict (organization_id, name) do nothing returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    await setContents(db, id, entitlementIds, []);
    const role = (await readAccessRole(db, id))!;
    context.record({
      type: 'access-role.created',
      targetKind: 'access-role',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: accessRoleState(role),
    });
    return role;
  },
});
