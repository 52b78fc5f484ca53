import { z } from 'zod';
import { search } from '../../access/fields.ts';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { listReports, reportView } from '../reports.ts';

export const reportList = operation({
  name: 'report.list',
  summary: 'List the people who report to you, with what they have and what of it ends soon.',
  http: 'GET /me/reports',
  input: z.object({
    depth: z.enum(['direct', 'all']).default('direct').describe('Directly, or through others, too.'),
    search,
    ...pageInput,
  }),
  output: pageOf(reportView),
  needs: 'self',
  effect: 'reading',
  run: (context, { depth, search: text, cursor, limit }) =>
    listReports(context, { depth, search: text }, { cursor, limit }),
});
