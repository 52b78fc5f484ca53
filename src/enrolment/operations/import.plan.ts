import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { bodyLimit, decideImport, importInput } from '../import/decide-import.ts';
import { describePlan, isEmpty } from '../import/plan.ts';
import { countedView, problemView } from '../import/view.ts';

export const importPlan = operation({
  name: 'import.plan',
  summary: 'Check the files of a take-over and show the difference; changes nothing.',
  http: 'POST /imports/plan',
  input: z.object(importInput),
  output: z.object({
    ok: z.boolean(),
    errorCount: z.number().int(),
    errors: z.array(problemView).describe('The first thousand.'),
    changes: z.array(countedView).describe('What would be done, by kind; empty while there are errors.'),
    nothingToDo: z.boolean(),
    planHash: z.string().optional().describe('To apply exactly this; absent while there are errors.'),
  }),
  needs: {
    permission: 'organization.import',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  bodyLimit,
  run: async (context, input) => {
    const { problems, work, planHash } = await decideImport(context, context.target, input);
    if (problems.count > 0 || !work)
      return {
        ok: false,
        errorCount: problems.count,
        errors: problems.shown,
        changes: [],
        nothingToDo: false,
      };
    return {
      ok: true,
      errorCount: 0,
      errors: [],
      changes: describePlan(work.plan),
      nothingToDo: isEmpty(work.plan),
      planHash,
    };
  },
});
