import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { runView, sourceId } from '../sources/fields.ts';
import { listRuns } from '../sources/run-view.ts';
import { sourceTarget } from '../sources/store.ts';

export const sourceRunList = operation({
  name: 'source-run.list',
  summary: 'List the readings of a source and what came of each, newest first.',
  http: 'GET /sources/{sourceId}/runs',
  input: z.object({ sourceId, ...pageInput }),
  output: pageOf(runView),
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'reading',
  run: async ({ db }, { sourceId: id, cursor, limit }) => listRuns(db, id, { cursor, limit }),
});
