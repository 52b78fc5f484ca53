import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { groupId } from '../fields.ts';
import { addMembers, mostAtOnce } from '../group-members.ts';
import { groupTarget, groupView } from '../groups.ts';

export const groupAddMembers = operation({
  name: 'group.add-members',
  summary: 'Put people into a group; rules that read it give them what they give.',
  http: 'POST /groups/{groupId}/add-members',
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
  effect: 'changing',
  previews: true,
  events: ['group.member-added'],
  run: (context, input) => addMembers(context, input.groupId, input.membershipIds),
});
