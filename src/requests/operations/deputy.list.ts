import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { deputyView, isAskedThemselves, lineManager, lineOf, listDeputies } from '../deputies.ts';

export const deputyList = operation({
  name: 'deputy.list',
  summary: 'List who decides for you, and for whom you decide.',
  http: 'GET /me/deputies',
  input: z.object({}),
  output: z.object({
    named: z.array(deputyView),
    standsFor: z.array(deputyView),
    lineManagers: z
      .array(lineManager)
      .describe('Whom you report to, where you decide something: you may name them.'),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    const { membershipId } = context.user();
    const all = membershipId ? await listDeputies(context, membershipId) : [];
    return {
      named: all.filter(({ giverMembershipId }) => giverMembershipId === membershipId),
      standsFor: all.filter(({ giverMembershipId }) => giverMembershipId !== membershipId),
      // They know each other, whatever else is out of sight; nobody is shown to who has no use for a deputy.
      lineManagers:
        membershipId && (await isAskedThemselves(context.db, membershipId))
          ? await lineOf(context.db, membershipId)
          : [],
    };
  },
});
