import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { pageOfRequests } from '../inbox.ts';
import { requestView, viewOf } from '../view.ts';

export const requestList = operation({
  name: 'request.list',
  summary:
    'List requests: your own, those that wait for you, or those that were decided where you may decide.',
  http: 'GET /requests',
  input: z.object({ box: z.enum(['mine', 'inbox', 'decided']).default('mine'), ...pageInput }),
  output: pageOf(requestView),
  needs: 'self',
  effect: 'reading',
  run: async (context, { box, cursor, limit }) => {
    const page = await pageOfRequests(context, box, { cursor, limit });
    return { ...page, items: page.items.map((row) => viewOf(row, context.facts)) };
  },
});
