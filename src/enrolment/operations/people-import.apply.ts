import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import { mostAsked, mostAtOnce } from '../people-import/run.ts';
import { lockOwn, peopleImportTarget, stateOf } from '../people-import/store.ts';
import { importId } from '../people-import/view.ts';

export const peopleImportApply = operation({
  name: 'people-import.apply',
  summary:
    'Do what the difference showed. Answers at once; the work follows, and can be left and come back to.',
  http: 'POST /people-imports/{importId}/apply',
  input: z.object({
    importId,
    mode: z
      .enum(['all', 'rows'])
      .default('rows')
      .describe(
        `rows: each row that can be, the others as a file to mend; all: everybody or nobody. Above ${mostAtOnce} rows, up to ${mostAsked}, all of it is checked before the first part, and what stops a later part leaves what was done.`,
      ),
  }),
  output: z.object({ importId: z.uuid(), total: z.number().int() }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => peopleImportTarget(db, input.importId),
    visibleBy: 'user.enrol',
  },
  effect: 'changing',
  events: ['people-import.started'],
  run: async (context, { importId: id, mode }) => {
    const { db } = context;
    const asked = await lockOwn(context, id, ['compared']);
    const counts = asked.counts!;
    const total = counts.new + counts.changed;
    if (mode === 'all' && counts.problem > 0) throw refuse('import.invalid', { count: counts.problem });
    if (mode === 'all' && total > mostAsked) throw refuse('people-import.all-too-many', { limit: mostAsked });
    const phase = mode === 'all' && total > mostAtOnce ? 'checking' : 'people';
    await sql`update people_import set mode = ${mode}, state = 'applying', phase = ${phase}, next_depth = 0, next_line = 0, done = 0,
        total = ${total}, worked_at = remit_now(), version = version + 1 where id = ${id}`.execute(db);
    await sendJob(db, 'import', { importId: id });
    context.record({
      type: 'people-import.started',
      targetKind: 'people-import',
      targetId: id,
      organizationId: asked.organizationId,
      path: asked.path,
      before: stateOf(asked),
      after: stateOf({ ...asked, mode, state: 'applying', version: asked.version + 1 }),
    });
    return { importId: id, total };
  },
});
