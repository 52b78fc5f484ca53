import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { runView, sourceId } from '../sources/fields.ts';
import { viewRun } from '../sources/run-view.ts';
import { askForRun } from '../sources/runs.ts';
import { readSource, sourceTarget } from '../sources/store.ts';

export const sourceReadNow = operation({
  name: 'source.read-now',
  summary: 'Read a source now, everything or what changed. Answers at once; the work follows.',
  http: 'POST /sources/{sourceId}/read',
  input: z.object({
    sourceId,
    changesOnly: z.boolean().default(false).describe('Only what changed since it was read last.'),
  }),
  output: runView,
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'changing',
  events: ['source.asked'],
  run: async (context, { sourceId: id, changesOnly }) => {
    const { db, target, actor } = context;
    const row = (await readSource(db, id, { lock: true }))!;
    if (row.state !== 'active') throw refuse('source.not-active');
    const { id: runId, made } = await askForRun(db, id, {
      incremental: changesOnly && row.cursor !== null,
      askedBy: actor.kind === 'user' ? actor.userId : null,
    });
    if (!made) context.nothingChanged();
    else
      context.record({
        type: 'source.asked',
        targetKind: 'source',
        targetId: id,
        organizationId: target.organizationId,
        path: target.path,
        after: { id, runId },
        personal: { name: row.name },
      });
    return (await viewRun(db, runId))!;
  },
});
