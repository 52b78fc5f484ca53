import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import { asJson } from '../scim/connection/fields.ts';
import { changeGroup } from '../scim/groups/write-group.ts';
import { writingOfGroup } from '../scim/groups/writing.ts';
import { normalise } from '../scim/patch/habits.ts';
import { applyPatch } from '../scim/patch/patch.ts';
import { groupType } from '../scim/protocol/schema.ts';
import { selected } from '../scim/protocol/selected.ts';

export const scimGroupUpdate = operation({
  ...writingOfGroup,
  name: 'scim-group.update',
  summary: 'Change the name of a group, or who is in it, as a feed says (SCIM 2.0).',
  http: 'PATCH /scim/{organizationId}/v2/Groups/{groupId}',
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    const operations = normalise(asJson(input.body), groupType);
    const changed = await changeGroup(
      context,
      door,
      context.target.id!,
      (before) => applyPatch(before, operations, groupType).resource,
    );
    return selected(changed, input, groupType);
  },
});
