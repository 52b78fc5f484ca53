import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import { body, organizationId, resource } from '../scim/connection/fields.ts';
import { questionIn } from '../scim/connection/search.ts';
import { listGroups } from '../scim/groups/list-groups.ts';

export const scimGroupSearch = operation({
  name: 'scim-group.search',
  summary: 'List groups to a feed, asked in a body (SCIM 2.0).',
  http: 'POST /scim/{organizationId}/v2/Groups/.search',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, body }),
  output: resource,
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) =>
    listGroups(context, await doorOf(context, input.organizationId), questionIn(input.body)),
});
