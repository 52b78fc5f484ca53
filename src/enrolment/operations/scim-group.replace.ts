import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import {
  asJson,
  body,
  doorTarget,
  groupId,
  groupTargetAt,
  organizationId,
  resource,
  selectionInput,
} from '../scim/connection/fields.ts';
import { changeGroup, groupEvents } from '../scim/groups/write-group.ts';
import { normaliseResource } from '../scim/patch/habits.ts';
import { cleaned } from '../scim/protocol/fitting.ts';
import { groupType } from '../scim/protocol/schema.ts';
import { selected } from '../scim/protocol/selected.ts';

export const scimGroupReplace = operation({
  name: 'scim-group.replace',
  summary: 'Change the whole of a group to what a feed sends (SCIM 2.0).',
  http: 'PUT /scim/{organizationId}/v2/Groups/{groupId}',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, groupId, body, ...selectionInput }),
  output: resource,
  needs: {
    permission: 'group.configure',
    target: groupTargetAt,
    through: doorTarget,
    visibleBy: 'user.read',
  },
  effect: 'changing',
  mayTakeAway: true,
  previews: true,
  events: groupEvents,
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    const sent = cleaned(normaliseResource(asJson(input.body), groupType), groupType);
    const changed = await changeGroup(context, door, context.target.id!, () => sent);
    return selected(changed, input, groupType);
  },
});
