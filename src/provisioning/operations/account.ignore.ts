import { z } from 'zod';
import { isSelf } from '../../authority/self.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { accountTarget, accountView, readAccount, seesPersonOf } from '../account-view.ts';
import { ignoreAccount, lockAccount } from '../reconciling/mending.ts';

export const accountIgnore = operation({
  name: 'account.ignore',
  summary: 'Leave an account as it is, for a reason, until something else is wanted of it.',
  http: 'POST /accounts/{accountId}/ignore',
  input: z.object({
    accountId: z.uuid(),
    reason: z.string().trim().min(1).max(500).describe('Why it may stay as it is.'),
  }),
  output: accountView,
  needs: {
    permission: 'target.operate',
    target: (db, input) => accountTarget(db, input.accountId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['account.ignored'],
  run: async (context, { accountId, reason }) => {
    const { db, target } = context;
    if (!(await seesPersonOf(db, accountId, context.reach('user.read')))) throw refuse('not-found');
    const { state: before, ...account } = (await lockAccount(db, accountId))!;
    // Else whoever operates a system keeps what they were to lose there (I02).
    if (isSelf(context.facts, account.userId)) throw refuse('user.self');
    if (!before.dead) throw refuse('account.not-stuck');
    const after = await ignoreAccount(db, accountId, reason);
    context.record({
      type: 'account.ignored',
      targetKind: 'account',
      targetId: accountId,
      organizationId: target.organizationId,
      path: target.path,
      subjectId: account.userId,
      before,
      after,
      personal: { name: account.targetName, reason },
    });
    return readAccount(db, context.reach('user.read'), accountId);
  },
});
