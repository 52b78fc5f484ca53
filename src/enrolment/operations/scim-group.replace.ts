import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/door.ts';
import {
  asJson,
  body,
  doorTarget,
  groupId,
  groupTargetAt,
  organizationId,
  resource,
  selectionInput,
} from '../scim/fields.ts';
import { cleaned } from '../scim/fitting.ts';
import { normaliseResource } from '../scim/habits.ts';
import { groupType } from '../scim/schema.ts';
import { selected } from '../scim/selected.ts';
import { changeGroup, groupEvents } from '../scim/write-group.ts';

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
