import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { recordRead } from '../record-read.ts';
import { eventTarget, readTrail } from '../store.ts';
import { eventView, viewEvents } from '../view.ts';

export const eventRead = operation({
  name: 'event.read',
  summary: 'Show one change: who, for whom, under which delegations, what changed.',
  http: 'GET /events/{eventId}',
  input: z.object({ eventId: z.uuid() }),
  output: eventView,
  needs: {
    permission: 'audit.read',
    target: (db, { eventId }) => eventTarget(db, eventId),
    visibleBy: 'audit.read',
  },
  effect: 'reading',
  events: ['audit.read'],
  run: async (context, { eventId }) => {
    const row = (await readTrail(context.db, eventId))!;
    await recordRead(context, 'event.read', {
      organizationId: row.organizationId ?? undefined,
      subjectId: row.subjectId ?? undefined,
      // One by one or in a list, whose trail it was counts: an hour's reading is one line of it.
      filter: {},
    });
    return (await viewEvents(context, [row]))[0]!;
  },
});
