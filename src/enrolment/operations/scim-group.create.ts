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
import { createGroup, groupEvents } from '../scim/groups/write-group.ts';
import { groupType } from '../scim/protocol/schema.ts';
import { selected } from '../scim/protocol/selected.ts';

export const scimGroupCreate = operation({
  name: 'scim-group.create',
  summary: 'Make a group that a feed sends, with who is in it (SCIM 2.0).',
  http: 'POST /scim/{organizationId}/v2/Groups',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, body, ...selectionInput }),
  output: resource,
  needs: { permission: 'group.configure', target: doorTarget, visibleBy: 'user.read' },
  effect: 'changing',
  previews: true,
  events: ['group.created', ...groupEvents],
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    return selected(await createGroup(context, door, asJson(input.body)), input, groupType);
  },
});
