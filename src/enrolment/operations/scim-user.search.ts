import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import { body, organizationId, resource } from '../scim/connection/fields.ts';
import { questionIn } from '../scim/connection/search.ts';
import { listUsers } from '../scim/people/list-users.ts';

export const scimUserSearch = operation({
  name: 'scim-user.search',
  summary: 'List people to a feed, asked in a body, so that no name stands in an address (SCIM 2.0).',
  http: 'POST /scim/{organizationId}/v2/Users/.search',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, body }),
  output: resource,
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) =>
    listUsers(context, await doorOf(context, input.organizationId), questionIn(input.body)),
});
