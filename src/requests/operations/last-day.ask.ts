import { z } from 'zod';
import { reason } from '../../access/fields.ts';
import { day } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { askEvents, asked, askedView } from '../ask.ts';
import { wantedLastDay } from '../kinds/last-day.ts';

export const lastDayAsk = operation({
  name: 'last-day.ask',
  summary: 'Ask for a later last day: your own, or of somebody who reports to you or whom you see.',
  http: 'POST /last-day-requests',
  input: z.object({
    membershipId: z.uuid().optional().describe('Whose; your own when absent.'),
    lastDay: day.nullable().describe('Null: no last day any more.'),
    reason: reason.default(''),
  }),
  output: askedView,
  needs: 'self',
  effect: 'changing',
  events: askEvents,
  run: async (context, { membershipId, lastDay, reason: why }) =>
    asked(context, await wantedLastDay(context, { membershipId, lastDay, reason: why })),
});
