import { z } from 'zod';
import { may } from '../../directory/fields.ts';
import { mayDo } from '../../directory/may.ts';
import { operation } from '../../operation/operation.ts';
import { provisioningTargetId, targetDetail } from '../targets/target-fields.ts';
import { detailOf, provisioningTarget } from '../targets/target-view.ts';

export const targetRead = operation({
  name: 'target.read',
  summary:
    'Read one connected system: how it is reached, who has accounts there, what is sent, and how it is.',
  http: 'GET /targets/{provisioningTargetId}',
  input: z.object({ provisioningTargetId }),
  output: targetDetail.extend({ may }),
  needs: {
    permission: 'target.read',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'reading',
  run: async (context, { provisioningTargetId: id }) => ({
    ...(await detailOf(context, id)),
    may: mayDo(context, context.target),
  }),
});
