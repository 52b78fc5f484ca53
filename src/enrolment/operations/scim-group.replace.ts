import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import { asJson } from '../scim/connection/fields.ts';
import { changeGroup } from '../scim/groups/write-group.ts';
import { writingOfGroup } from '../scim/groups/writing.ts';
import { normaliseResource } from '../scim/patch/habits.ts';
import { cleaned } from '../scim/protocol/fitting.ts';
import { groupType } from '../scim/protocol/schema.ts';
import { selected } from '../scim/protocol/selected.ts';

export const scimGroupReplace = operation({
  ...writingOfGroup,
  name: 'scim-group.replace',
  summary: 'Change the whole of a group to what a feed sends (SCIM 2.0).',
  http: 'PUT /scim/{organizationId}/v2/Groups/{groupId}',
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    const sent = cleaned(normaliseResource(asJson(input.body), groupType), groupType);
    const changed = await changeGroup(context, door, context.target.id!, () => sent);
    return selected(changed, input, groupType);
  },
});
