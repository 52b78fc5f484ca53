import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { accessRoleView, listAccessRoles } from '../access-roles.ts';
import { search } from '../fields.ts';

export const accessRoleList = operation({
  name: 'access-role.list',
  summary: 'List access roles with what they hold.',
  http: 'GET /access-roles',
  input: z.object({
    organizationId: z.uuid().optional().describe('Only those that stand in this organization.'),
    search,
    ...pageInput,
  }),
  output: pageOf(accessRoleView),
  needs: { permission: 'application.read', within: 'reach' },
  effect: 'reading',
  run: (context, { organizationId, search: text, cursor, limit }) =>
    listAccessRoles(
      context.db,
      { reach: context.reach('application.read'), organizationId, search: text },
      { cursor, limit },
    ),
});
