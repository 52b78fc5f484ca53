import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { adminRoleView, listAdminRoles } from '../admin-roles.ts';

export const adminRoleList = operation({
  name: 'admin-role.list',
  summary: 'List the admin roles: named sets of what one may be let do',
  http: 'GET /admin-roles',
  input: z.object({
    organizationId: z.uuid().optional().describe('Only those that can be given there.'),
    retired: z.boolean().default(false).describe('Retired ones, too.'),
    ...pageInput,
  }),
  output: pageOf(adminRoleView),
  needs: 'self',
  effect: 'reading',
  run: async (context, { organizationId, retired, cursor, limit }) => {
    const target = organizationId ? await organizationTarget(context.db, organizationId) : undefined;
    if (organizationId) context.require('organization.read', target, 'organization.read');
    return listAdminRoles(context, { path: target?.path, retired }, { cursor, limit });
  },
});
