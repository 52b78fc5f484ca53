import { z } from 'zod';
import { reason } from '../../access/fields.ts';
import { day, organizationId } from '../../directory/fields.ts';
import { emailText, personName } from '../../enrolment/fields.ts';
import { operation } from '../../operation/operation.ts';
import { readEmailAddress } from '../../platform/email-address.ts';
import { refuse } from '../../platform/refusals.ts';
import { askEvents, asked, askedView } from '../ask.ts';
import { mayAskForAccount, wantedAccount } from '../kinds/account.ts';
import { placeAsked } from '../kinds/place-asked.ts';

export const accountAsk = operation({
  name: 'account.ask',
  summary: 'Ask that somebody new joins an organization that you see, or in which people report to you.',
  http: 'POST /organizations/{organizationId}/account-requests',
  input: z.object({
    organizationId,
    email: emailText,
    displayName: personName.default(''),
    title: personName.default('').describe('What they will do there.'),
    message: z.string().trim().max(2000).default('').describe('Will stand in the invitation.'),
    lastDay: day.optional(),
    reason: reason.default(''),
  }),
  output: askedView,
  needs: 'self',
  effect: 'changing',
  events: askEvents,
  run: async (context, { organizationId: where, email, ...input }) => {
    const target = await placeAsked(context, where);
    await mayAskForAccount(context, target);
    const address = readEmailAddress(email);
    if (!address) throw refuse('invitation.no-address');
    return asked(
      context,
      wantedAccount(target, address, { ...input, lastDay: input.lastDay ?? null, proved: false }),
    );
  },
});
