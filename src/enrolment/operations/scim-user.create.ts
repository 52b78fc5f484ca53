import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import {
  asJson,
  body,
  doorTarget,
  organizationId,
  resource,
  selectionInput,
} from '../scim/connection/fields.ts';
import { createUser } from '../scim/people/create-user.ts';
import { selected } from '../scim/protocol/selected.ts';

export const scimUserCreate = operation({
  name: 'scim-user.create',
  summary: 'Enrol somebody whom a feed sends (SCIM 2.0).',
  http: 'POST /scim/{organizationId}/v2/Users',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, body, ...selectionInput }),
  output: resource,
  needs: { permission: 'user.enrol', target: doorTarget, visibleBy: 'user.read' },
  effect: 'changing',
  mayTakeAway: true,
  previews: true,
  events: ['user.created', 'membership.created', 'membership.updated', 'membership.suspended'],
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    return selected(await createUser(context, door, asJson(input.body)), input, door.users);
  },
});
