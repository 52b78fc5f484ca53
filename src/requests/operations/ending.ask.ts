import { z } from 'zod';
import { reason } from '../../access/fields.ts';
import { operation } from '../../operation/operation.ts';
import { askEvents, asked, askedView } from '../ask.ts';
import { wantedEnding } from '../kinds/ending.ts';

export const endingAsk = operation({
  name: 'ending.ask',
  summary: 'Ask that an access ends: your own, or of somebody who reports to you or whom you see.',
  http: 'POST /assignments/{assignmentId}/ending-request',
  input: z.object({ assignmentId: z.uuid(), reason: reason.default('') }),
  output: askedView,
  needs: 'self',
  effect: 'changing',
  events: askEvents,
  run: async (context, input) => asked(context, await wantedEnding(context, input)),
});
