import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { groupId } from '../fields.ts';
import { endGroup, groupTarget, groupView } from '../groups.ts';

export const groupEnd = operation({
  name: 'group.end',
  summary: 'End a group; rules that read it fit nobody any more.',
  http: 'POST /groups/{groupId}/end',
  input: z.object({
    groupId,
  }),
  output: groupView,
  needs: {
    permission: 'group.configure',
    target: (db, input) => groupTarget(db, input.groupId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: ['group.ended'],
  run: (context, input) => endGroup(context, input.groupId),
});
