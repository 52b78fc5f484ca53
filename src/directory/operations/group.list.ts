import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { search } from '../fields.ts';
import { groupView, listGroups } from '../groups.ts';

export const groupList = operation({
  name: 'group.list',
  summary: 'List groups of the organizations that you look after.',
  http: 'GET /groups',
  input: z.object({
    organizationId: z.uuid().optional().describe('Only those that stand in this organization.'),
    forOrganizationId: z
      .uuid()
      .optional()
      .describe('Only those that people of this organization can be in: its own and those from above.'),
    search,
    ...pageInput,
  }),
  output: pageOf(groupView),
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async ({ db, reach, require }, { organizationId, forOrganizationId, search: text, cursor, limit }) => {
    const place = forOrganizationId ? await organizationTarget(db, forOrganizationId) : undefined;
    if (forOrganizationId) require('organization.read', place, 'organization.read');
    return listGroups(
      db,
      { reach: reach('user.read'), organizationId, forPath: place?.path, search: text },
      { cursor, limit },
    );
  },
});
