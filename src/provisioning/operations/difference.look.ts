import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { differenceTarget, seesDifference } from '../reconciling/difference-view.ts';
import { lookAtDifference, sideView } from '../reconciling/look-at.ts';

export const differenceLook = operation({
  name: 'difference.look',
  summary: 'Ask a connected system what stands there now, beside what should; it is shown, and kept nowhere.',
  http: 'POST /differences/{differenceId}/look',
  input: z.object({ differenceId: z.uuid() }),
  output: z.object({
    there: z.boolean().describe('Something is there.'),
    sides: z.array(sideView).describe('Value by value, those that differ first.'),
    problem: z.string().nullable().describe('Why it could not be read.'),
  }),
  needs: {
    permission: 'target.operate',
    target: (db, input) => differenceTarget(db, input.differenceId),
    visibleBy: 'target.read',
  },
  effect: 'reading',
  run: async (context, { differenceId }) => {
    if (!(await seesDifference(context.db, differenceId, context.reach('user.read'))))
      throw refuse('not-found');
    return lookAtDifference(context, differenceId);
  },
});
