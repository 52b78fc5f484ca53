import { z } from 'zod';
import { reason, until } from '../../access/fields.ts';
import { operation } from '../../operation/operation.ts';
import { askEvents, asked, askedView, laterThanNow } from '../ask.ts';
import { wantedExtension } from '../kinds/extension.ts';

export const extensionAsk = operation({
  name: 'extension.ask',
  summary: 'Ask that an access lasts longer: your own, or of somebody who reports to you or whom you see.',
  http: 'POST /assignments/{assignmentId}/extension-request',
  input: z.object({
    assignmentId: z.uuid(),
    until: until.optional().describe('Until then; as long as whoever decides may give it when absent.'),
    reason: reason.default(''),
  }),
  output: askedView,
  needs: 'self',
  effect: 'changing',
  events: askEvents,
  run: async (context, { assignmentId, reason: why, until: end }) => {
    const endsAt = laterThanNow(context, end);
    return asked(context, await wantedExtension(context, { assignmentId, reason: why, endsAt }));
  },
});
