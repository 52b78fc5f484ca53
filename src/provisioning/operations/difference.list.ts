import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import {
  differenceKinds,
  differenceView,
  lastRun,
  listDifferences,
  runView,
} from '../reconciling/difference-view.ts';
import { provisioningTargetId } from '../targets/target-fields.ts';
import { provisioningTarget } from '../targets/target-view.ts';

export const differenceList = operation({
  name: 'difference.list',
  summary: 'List how a connected system differs from what should be there, as it was last compared.',
  http: 'GET /targets/{provisioningTargetId}/differences',
  input: z.object({
    provisioningTargetId,
    kind: z.enum(differenceKinds).optional(),
    settled: z.stringbool().default(false).describe('Those that were settled, instead of those that stand.'),
    ...pageInput,
  }),
  output: pageOf(differenceView).extend({ comparison: runView.nullable().describe('The last one.') }),
  needs: {
    permission: 'target.read',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'reading',
  run: async ({ db, reach }, { provisioningTargetId: id, ...page }) => ({
    ...(await listDifferences(db, id, reach('user.read'), page)),
    comparison: await lastRun(db, id),
  }),
});
