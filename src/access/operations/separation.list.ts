import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { listSeparations, separationView, shownSeparation } from '../separation-store.ts';

export const separationList = operation({
  name: 'separation.list',
  summary: 'List which roles one person may not hold together.',
  http: 'GET /separations',
  input: z.object({
    organizationId: z.uuid().optional().describe('Only those that stand in this organization.'),
    ...pageInput,
  }),
  output: pageOf(separationView),
  needs: { permission: 'access.read', within: 'reach' },
  effect: 'reading',
  run: async ({ db, facts, reach }, { organizationId, cursor, limit }) => {
    const page = await listSeparations(
      db,
      { reach: reach('access.read'), organizationId },
      { cursor, limit },
    );
    return { ...page, items: page.items.map((row) => shownSeparation(facts, row)) };
  },
});
