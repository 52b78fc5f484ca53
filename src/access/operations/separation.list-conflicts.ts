import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { conflictView, listConflicts } from '../separation-conflicts.ts';

export const separationListConflicts = operation({
  name: 'separation.list-conflicts',
  summary: 'List the people who were given more than a separation of duties lets them hold together.',
  http: 'GET /separation-conflicts',
  input: z.object({
    separationId: z.uuid().optional().describe('Only of this separation of duties.'),
    ...pageInput,
  }),
  output: pageOf(conflictView),
  needs: { permission: 'access.read', within: 'reach' },
  effect: 'reading',
  run: ({ db, reach }, { separationId, cursor, limit }) =>
    listConflicts(db, { reach: reach('access.read'), separationId }, { cursor, limit }),
});
