import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { pageOfOwnTrail } from '../store.ts';
import { eventView, viewEvents } from '../view.ts';

export const eventMine = operation({
  name: 'event.mine',
  summary: 'List what was done to you and by you, newest first.',
  http: 'GET /me/events',
  input: z.object({ ...pageInput }),
  output: pageOf(eventView),
  needs: 'self',
  effect: 'reading',
  run: async (context, input) => {
    const { userId } = context.user();
    const page = await pageOfOwnTrail(context.db, userId, input);
    return { ...page, items: await viewEvents(context, page.items, { own: true }) };
  },
});
