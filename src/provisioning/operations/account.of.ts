import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { accountsOf, accountView } from '../account-view.ts';

export const accountOf = operation({
  name: 'account.of',
  summary: 'List somebody’s accounts at the connected systems that you see.',
  http: 'GET /memberships/{membershipId}/accounts',
  input: z.object({ membershipId: z.uuid() }),
  output: z.object({ items: z.array(accountView) }),
  needs: {
    permission: 'user.read',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: async ({ db, reach, target }) => ({
    items: await accountsOf(db, target.userId!, {
      targets: reach('target.read'),
      people: reach('user.read'),
    }),
  }),
});
