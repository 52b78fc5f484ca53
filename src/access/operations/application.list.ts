import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { applicationView, listApplications } from '../applications.ts';
import { search } from '../fields.ts';

export const applicationList = operation({
  name: 'application.list',
  summary: 'List applications with their roles.',
  http: 'GET /applications',
  input: z.object({
    search,
    retired: z.boolean().default(false).describe('Retired ones, too.'),
    ...pageInput,
  }),
  output: pageOf(applicationView),
  needs: { permission: 'application.read', within: 'reach' },
  effect: 'reading',
  run: (context, { search: text, retired, cursor, limit }) =>
    listApplications(
      context.db,
      { reach: context.reach('application.read'), search: text, retired },
      { cursor, limit },
    ),
});
