import { sql } from 'kysely';
import { z } from 'zod';
import { operation, userOf } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { bodyLimit, decideImport, importInput, readFiles } from '../import/decide-import.ts';
import { isEmpty } from '../import/plan.ts';
import { importActor } from '../import/run.ts';

export const importApply = operation({
  name: 'import.apply',
  summary: 'Take over a tree as its plan showed it: all or nothing. Answers at once; the work follows.',
  http: 'POST /imports',
  input: z.object({
    ...importInput,
    planHash: z.string().max(100).describe('From the plan that was shown.'),
  }),
  output: z.object({
    importId: z
      .uuid()
      .nullable()
      .describe('Where its progress and its outcome stand; null when nothing is to do.'),
  }),
  needs: {
    permission: 'organization.import',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['import.started'],
  bodyLimit,
  run: async (context, { planHash, ...asked }) => {
    const { db, target } = context;
    const decided = await decideImport(context, target, asked);
    const { count, shown } = decided.problems;
    if (count > 0) throw refuse('import.invalid', { count, errors: shown.slice(0, 100) });
    if (!decided.work || decided.planHash !== planHash) throw refuse('import.changed');
    if (isEmpty(decided.work.plan)) {
      context.nothingChanged();
      return { importId: null };
    }
    const importId = newId();
    const options = { columns: asked.columns, handOut: asked.handOut };
    await sql`
      insert into import_run (id, organization_id, path, actor, started_by, plan_hash, files, options)
      values (${importId}, ${target.organizationId}, ${target.path}, ${JSON.stringify(importActor(context.actor))}::jsonb,
        ${userOf(context)?.userId ?? null}, ${planHash}, ${JSON.stringify(readFiles(asked.files).texts)}::jsonb,
        ${JSON.stringify(options)}::jsonb)`.execute(db);
    context.record({
      type: 'import.started',
      targetKind: 'import',
      targetId: importId,
      organizationId: target.organizationId,
      path: target.path,
      after: { id: importId, state: 'waiting' },
      because: decided.work.ceiling.because,
    });
    return { importId };
  },
});
