import { z } from 'zod';
import { endGroup } from '../../directory/groups.ts';
import { operation } from '../../operation/operation.ts';
import { permittedTo } from '../../operation/permitted.ts';
import { doorOf } from '../scim/connection/door.ts';
import { doorTarget, groupId, groupTargetAt, organizationId } from '../scim/connection/fields.ts';
import { readGroupRow } from '../scim/groups/group-rows.ts';
import { requireSameGroup } from '../scim/groups/write-group.ts';

export const scimGroupEnd = operation({
  name: 'scim-group.end',
  summary: 'End a group that a feed deletes (SCIM 2.0).',
  http: 'DELETE /scim/{organizationId}/v2/Groups/{groupId}',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, groupId }),
  output: z.object({}),
  needs: {
    permission: 'group.configure',
    target: groupTargetAt,
    through: doorTarget,
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: ['group.ended'],
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    requireSameGroup(context, await readGroupRow(context, door, context.target.id!));
    await endGroup(permittedTo(context, context.target, context.permit), context.target.id!);
    return {};
  },
});
