import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { description, groupId, name } from '../fields.ts';
import { groupTarget, groupView, updateGroup } from '../groups.ts';

export const groupUpdate = operation({
  name: 'group.update',
  summary: 'Change a group’s name or description.',
  http: 'PATCH /groups/{groupId}',
  input: z.object({
    groupId,
    name: name.max(100).optional(),
    description: description.optional(),
  }),
  output: groupView,
  needs: {
    permission: 'group.configure',
    target: (db, input) => groupTarget(db, input.groupId),
    visibleBy: 'user.read',
  },
  effect: 'changing',
  events: ['group.updated'],
  run: (context, { groupId, ...change }) => updateGroup(context, groupId, change),
});
