import { z } from 'zod';
import { reason, until } from '../../access/fields.ts';
import { lastDay } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { askEvents, asked, askedView } from '../ask.ts';
import { wantedExtension } from '../kinds/extension.ts';

export const extensionAsk = operation({
  name: 'extension.ask',
  summary: 'Ask that an access lasts longer: your own, or of somebody who reports to you or whom you see.',
  http: 'POST /assignments/{assignmentId}/extension-request',
  input: z.object({
    assignmentId: z.uuid(),
    until: until.optional().describe('Until then; as long as whoever decides may give it when absent.'),
    lastDay: lastDay.optional(),
    reason: reason.default(''),
  }),
  output: askedView,
  needs: 'self',
  effect: 'changing',
  events: askEvents,
  run: async (context, { assignmentId, reason: why, until: end, lastDay: day }) => {
    return asked(
      context,
      await wantedExtension(context, { assignmentId, reason: why, until: end, lastDay: day }),
    );
  },
});
