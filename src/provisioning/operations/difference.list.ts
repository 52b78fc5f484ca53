import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import {
  countDifferences,
  differenceKinds,
  differenceView,
  lastRuns,
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
  output: pageOf(differenceView).extend({
    comparison: runView.nullable().describe('The last one.'),
    comparisons: z.array(runView).describe('The last ones, the newest first.'),
    counts: z
      .record(z.enum(differenceKinds), z.number().int())
      .describe('Those in your sight that stand, by kind.'),
  }),
  needs: {
    permission: 'target.read',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'reading',
  run: async ({ db, reach }, { provisioningTargetId: id, ...page }) => {
    const comparisons = await lastRuns(db, id);
    return {
      ...(await listDifferences(db, id, reach('user.read'), page)),
      comparison: comparisons[0] ?? null,
      comparisons,
      counts: await countDifferences(db, id, reach('user.read')),
    };
  },
});
