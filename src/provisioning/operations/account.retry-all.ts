import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { retryAll } from '../reconciling/mending.ts';
import { readTarget } from '../store.ts';
import { provisioningTargetId } from '../targets/target-fields.ts';
import { provisioningTarget } from '../targets/target-view.ts';

export const accountRetryAll = operation({
  name: 'account.retry-all',
  summary: 'Try once more everything that a connected system did not take.',
  http: 'POST /targets/{provisioningTargetId}/retry-all',
  input: z.object({ provisioningTargetId }),
  output: z.object({ count: z.number().int().describe('How many are tried again.') }),
  needs: {
    permission: 'target.operate',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['target.retried'],
  run: async (context, { provisioningTargetId: id }) => {
    const { db, target } = context;
    const count = await retryAll(db, id, context.reach('user.read'));
    if (count === 0) context.nothingChanged();
    else
      context.record({
        type: 'target.retried',
        targetKind: 'target',
        targetId: id,
        organizationId: target.organizationId,
        path: target.path,
        after: { count },
        personal: { name: (await readTarget(db, id))!.name },
      });
    return { count };
  },
});
