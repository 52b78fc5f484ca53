import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { exceptionView, listSeparationExceptions, shownException } from '../separation-store.ts';

export const separationListExceptions = operation({
  name: 'separation.list-exceptions',
  summary: 'List who may hold together, until when, what a separation of duties keeps apart.',
  http: 'GET /separation-exceptions',
  input: z.object({
    separationId: z.uuid().optional().describe('Only of this separation of duties.'),
    over: z.boolean().default(false).describe('Those that were lifted or are past their end, too.'),
    ...pageInput,
  }),
  output: pageOf(exceptionView),
  needs: { permission: 'access.read', within: 'reach' },
  effect: 'reading',
  run: async ({ db, reach }, { separationId, over, cursor, limit }) => {
    const page = await listSeparationExceptions(
      db,
      { reach: reach('access.read'), people: reach('user.read'), separationId, over },
      { cursor, limit },
    );
    return { ...page, items: page.items.map(shownException) };
  },
});
