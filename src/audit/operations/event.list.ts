import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { matches, reachOfTrail, trailFilter, trailPlace } from '../filter.ts';
import { recordRead } from '../record-read.ts';
import { pageOfTrail } from '../store.ts';
import { eventView, viewEvents } from '../view.ts';

export const eventList = operation({
  name: 'event.list',
  summary: 'List what was done, newest first.',
  http: 'GET /events',
  input: z.object({ ...trailPlace, ...trailFilter, ...pageInput }),
  output: pageOf(eventView),
  needs: { permission: 'audit.read', within: 'reach' },
  effect: 'reading',
  events: ['audit.read'],
  run: async (context, { organizationId, below, cursor, limit, ...filter }) => {
    const reached = await reachOfTrail(context, { organizationId, below });
    const page = await pageOfTrail(context.db, sql`${reached} and ${matches(filter)}`, { cursor, limit });
    // Nothing shown, nothing looked at: an id out of reach leaves no mark anywhere.
    if (page.items.length > 0)
      await recordRead(context, 'event.list', {
        organizationId: page.items.some((row) => row.organizationId === organizationId)
          ? organizationId
          : undefined,
        subjectId: filter.subjectId,
        filter,
      });
    return { ...page, items: await viewEvents(context, page.items) };
  },
});
