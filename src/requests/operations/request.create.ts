import { z } from 'zod';
import { reason, until } from '../../access/fields.ts';
import { lastDay } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { askEvents, asked, askedView } from '../ask.ts';
import { endAsked } from '../end-asked.ts';
import { whomFor } from '../for-whom.ts';
import { oneThing, thingInput, wantedAccess } from '../kinds/access.ts';

export const requestCreate = operation({
  name: 'request.create',
  summary: 'Ask for access: for yourself, for somebody who reports to you, or for somebody you see.',
  http: 'POST /requests',
  input: z.object({
    membershipId: z.uuid().optional().describe('Who it is for; yourself when absent.'),
    ...thingInput,
    reason: reason.default(''),
    until: until.optional(),
    lastDay: lastDay.optional(),
  }),
  output: askedView,
  needs: 'self',
  effect: 'changing',
  events: askEvents,
  run: async (context, input) => {
    oneThing(input);
    const whom = await whomFor(context, input.membershipId);
    const end = await endAsked(context, input, whom.target.organizationId!);
    return asked(context, await wantedAccess(context, whom, { ...input, ...end }));
  },
});
