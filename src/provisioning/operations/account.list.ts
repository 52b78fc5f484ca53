import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { accountStates, accountView, listAccounts } from '../account-view.ts';
import { provisioningTargetId } from '../targets/target-fields.ts';
import { provisioningTarget } from '../targets/target-view.ts';

export const accountList = operation({
  name: 'account.list',
  summary: 'List the accounts at a connected system, of people you see.',
  http: 'GET /targets/{provisioningTargetId}/accounts',
  input: z.object({ provisioningTargetId, state: z.enum(accountStates).optional(), ...pageInput }),
  output: pageOf(accountView),
  needs: {
    permission: 'target.read',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'reading',
  run: async ({ db, reach }, { provisioningTargetId: id, ...page }) =>
    listAccounts(db, id, reach('user.read'), page),
});
