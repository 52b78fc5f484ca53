import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import { organizationId, questionInput, resource } from '../scim/connection/fields.ts';
import { listUsers } from '../scim/people/list-users.ts';

export const scimUserList = operation({
  name: 'scim-user.list',
  summary: 'List people to a feed: filter, sort and page within its reach (SCIM 2.0).',
  http: 'GET /scim/{organizationId}/v2/Users',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, ...questionInput }),
  output: resource,
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => listUsers(context, await doorOf(context, input.organizationId), input),
});
