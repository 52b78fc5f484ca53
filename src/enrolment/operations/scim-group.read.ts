import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import {
  doorTarget,
  groupId,
  groupTargetAt,
  organizationId,
  resource,
  selectionInput,
} from '../scim/connection/fields.ts';
import { readGroupRow } from '../scim/groups/group-rows.ts';
import { groupType } from '../scim/protocol/schema.ts';
import { selected } from '../scim/protocol/selected.ts';

export const scimGroupRead = operation({
  name: 'scim-group.read',
  summary: 'Show a group to a feed (SCIM 2.0).',
  http: 'GET /scim/{organizationId}/v2/Groups/{groupId}',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, groupId, ...selectionInput }),
  output: resource,
  needs: { permission: 'user.read', target: groupTargetAt, through: doorTarget, visibleBy: 'user.read' },
  effect: 'reading',
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    return selected((await readGroupRow(context, door, context.target.id!)).resource, input, groupType);
  },
});
