import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import { organizationId, questionInput, resource } from '../scim/connection/fields.ts';
import { listGroups } from '../scim/groups/list-groups.ts';

export const scimGroupList = operation({
  name: 'scim-group.list',
  summary: 'List groups to a feed: filter, sort and page within its reach (SCIM 2.0).',
  http: 'GET /scim/{organizationId}/v2/Groups',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, ...questionInput }),
  output: resource,
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => listGroups(context, await doorOf(context, input.organizationId), input),
});
