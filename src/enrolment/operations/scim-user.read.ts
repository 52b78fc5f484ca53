import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import {
  doorTarget,
  membershipId,
  organizationId,
  resource,
  selectionInput,
  userTarget,
} from '../scim/connection/fields.ts';
import { readUser } from '../scim/people/user-rows.ts';
import { selected } from '../scim/protocol/selected.ts';

export const scimUserRead = operation({
  name: 'scim-user.read',
  summary: 'Show somebody to a feed (SCIM 2.0).',
  http: 'GET /scim/{organizationId}/v2/Users/{membershipId}',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, membershipId, ...selectionInput }),
  output: resource,
  needs: { permission: 'user.read', target: userTarget, through: doorTarget, visibleBy: 'user.read' },
  effect: 'reading',
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    return selected((await readUser(context, door, context.target.id!)).resource, input, door.users);
  },
});
