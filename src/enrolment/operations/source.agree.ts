import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import { requireByHand } from '../sources/edit.ts';
import { runView, sourceId } from '../sources/fields.ts';
import { viewRun } from '../sources/run-view.ts';
import { readSource, sourceTarget } from '../sources/store.ts';

export const sourceAgree = operation({
  name: 'source.agree',
  summary: 'Agree that so many people are changed at once by a reading, and let it go on.',
  http: 'POST /sources/{sourceId}/agree',
  input: z.object({
    sourceId,
    sourceRunId: z.uuid().describe('The reading that waits; another one is not agreed to.'),
  }),
  output: runView,
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'changing',
  events: ['source.agreed'],
  run: async (context, { sourceId: id, sourceRunId }) => {
    const { db, at, target, actor } = context;
    const row = (await readSource(db, id, { lock: true }))!;
    if (row.state !== 'active') throw refuse('source.not-active');
    await requireByHand(context, row);
    const { rows } = await sql<{ counts: Record<string, number> }>`
      update source_run set state = 'writing', agreed_at = ${at}, agreed_by = ${actor.kind === 'user' ? actor.userId : null},
        lease = 0, leased_until = null
      where id = ${sourceRunId} and source_id = ${id} and state = 'held' returning counts`.execute(db);
    if (rows.length === 0) throw refuse('source.not-held');
    await sql`update source set held_at = null, told = told - 'held' where id = ${id}`.execute(db);
    await sendJob(db, 'source', { sourceRunId });
    context.record({
      type: 'source.agreed',
      targetKind: 'source',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: { id, runId: sourceRunId, ...rows[0]!.counts },
      personal: { name: row.name },
    });
    return (await viewRun(db, sourceRunId))!;
  },
});
