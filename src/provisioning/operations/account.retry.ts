import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { accountTarget, accountView, readAccount, seesPersonOf } from '../account-view.ts';
import { lockAccount, retryAccount } from '../reconciling/mending.ts';

export const accountRetry = operation({
  name: 'account.retry',
  summary: 'Try once more, at once, what a connected system did not take.',
  http: 'POST /accounts/{accountId}/retry',
  input: z.object({ accountId: z.uuid() }),
  output: accountView,
  needs: {
    permission: 'target.operate',
    target: (db, input) => accountTarget(db, input.accountId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['account.retried'],
  run: async (context, { accountId }) => {
    const { db, target } = context;
    if (!(await seesPersonOf(db, accountId, context.reach('user.read')))) throw refuse('not-found');
    const { state: before, ...account } = (await lockAccount(db, accountId))!;
    if (!before.dead && !before.ignored && before.attempts === 0) {
      context.nothingChanged();
      return readAccount(db, context.reach('user.read'), accountId);
    }
    const after = await retryAccount(db, accountId, account.targetId);
    context.record({
      type: 'account.retried',
      targetKind: 'account',
      targetId: accountId,
      organizationId: target.organizationId,
      path: target.path,
      subjectId: account.userId,
      before,
      after,
      personal: { name: account.targetName },
    });
    return readAccount(db, context.reach('user.read'), accountId);
  },
});
