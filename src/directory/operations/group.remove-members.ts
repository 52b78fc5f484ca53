import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { groupId } from '../fields.ts';
import { mostAtOnce, removeMembers } from '../group-members.ts';
import { groupTarget, groupView } from '../groups.ts';

export const groupRemoveMembers = operation({
  name: 'group.remove-members',
  summary: 'Take people out of a group; what rules gave them by it ends.',
  http: 'POST /groups/{groupId}/remove-members',
  input: z.object({
    groupId,
    membershipIds: z.array(z.uuid()).min(1).max(mostAtOnce),
  }),
  output: groupView,
  needs: {
    permission: 'group.configure',
    target: (db, input) => groupTarget(db, input.groupId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: ['group.member-removed'],
  run: (context, input) => removeMembers(context, input.groupId, input.membershipIds),
});
