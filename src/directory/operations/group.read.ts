import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { groupId, may } from '../fields.ts';
import { listMembers } from '../group-members.ts';
import { groupTarget, groupView, readGroup } from '../groups.ts';
import { mayDo } from '../may.ts';

export const groupRead = operation({
  name: 'group.read',
  summary: 'Show a group and a page of those who are in it.',
  http: 'GET /groups/{groupId}',
  input: z.object({ groupId, ...pageInput }),
  output: groupView.extend({
    count: z.number().int().describe('How many of its people you look after.'),
    members: pageOf(
      z.object({
        membershipId: z.uuid(),
        userId: z.uuid(),
        displayName: z.string(),
        organizationId: z.uuid(),
        organizationName: z.string(),
        title: z.string(),
      }),
    ),
    may,
  }),
  needs: {
    permission: 'user.read',
    target: (db, input) => groupTarget(db, input.groupId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: async (context, { groupId, cursor, limit }) => {
    const { db, target } = context;
    const group = (await readGroup(db, groupId))!;
    const { count, ...members } = await listMembers(
      db,
      { groupId, reach: context.reach('user.read') },
      { cursor, limit },
    );
    return { ...group, count, members, may: mayDo(context, target) };
  },
});
