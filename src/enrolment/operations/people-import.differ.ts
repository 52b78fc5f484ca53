import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import { isToMend } from '../people-import/error-file.ts';
import { readHeading } from '../people-import/parts.ts';
import { readingInput, requireReading } from '../people-import/reading.ts';
import { headingOf } from '../people-import/stage.ts';
import { lockOwn, peopleImportTarget, stateOf } from '../people-import/store.ts';
import { importId } from '../people-import/view.ts';

export const peopleImportDiffer = operation({
  name: 'people-import.differ',
  summary: 'Compare the file with who is here: a dry run. Answers at once; the work follows.',
  http: 'POST /people-imports/{importId}/difference',
  input: z.object({ importId, reading: readingInput }),
  output: z.object({ importId: z.uuid() }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => peopleImportTarget(db, input.importId),
    visibleBy: 'user.enrol',
  },
  effect: 'changing',
  events: ['people-import.compared'],
  run: async (context, { importId: id, reading }) => {
    const { db } = context;
    const asked = await lockOwn(context, id, ['uploading', 'compared', 'failed']);
    requireReading(reading);
    const heading = await readHeading(db, id, reading);
    if (!heading) throw refuse('people-import.empty');
    headingOf(heading.cells, reading);
    const { separator, encoding, cells } = heading;
    const settled = { ...reading, separator, encoding, part: reading.part ?? isToMend(cells) };
    await sql`update people_import set reading = ${JSON.stringify(settled)}::jsonb, state = 'comparing', phase = 'reading', done = 0,
        total = 0, counts = null, failure = null, finished_at = null, claimed_until = null, worked_at = remit_now(), version = version + 1
      where id = ${id}`.execute(db);
    await sendJob(db, 'import', { importId: id });
    context.record({
      type: 'people-import.compared',
      targetKind: 'people-import',
      targetId: id,
      organizationId: asked.organizationId,
      path: asked.path,
      before: stateOf(asked),
      after: stateOf({ ...asked, state: 'comparing', version: asked.version + 1 }),
    });
    return { importId: id };
  },
});
