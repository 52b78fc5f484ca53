import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import {
  accountTarget,
  accountView,
  attemptsOf,
  attemptView,
  readAccount,
  seesPersonOf,
} from '../account-view.ts';

export const accountRead = operation({
  name: 'account.read',
  summary: 'Read one account at a connected system, and what was done about it.',
  http: 'GET /accounts/{accountId}',
  input: z.object({ accountId: z.uuid() }),
  output: accountView.extend({ history: z.array(attemptView) }),
  needs: {
    permission: 'target.read',
    target: (db, input) => accountTarget(db, input.accountId),
    visibleBy: 'target.read',
  },
  effect: 'reading',
  run: async ({ db, reach }, { accountId }) => {
    if (!(await seesPersonOf(db, accountId, reach('user.read')))) throw refuse('not-found');
    return {
      ...(await readAccount(db, reach('user.read'), accountId)),
      history: await attemptsOf(db, accountId),
    };
  },
});
