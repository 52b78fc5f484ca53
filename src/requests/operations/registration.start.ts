import { z } from 'zod';
import { organizationId } from '../../directory/fields.ts';
import { emailText, personName } from '../../enrolment/fields.ts';
import { operation } from '../../operation/operation.ts';
import { readEmailAddress } from '../../platform/email-address.ts';
import { spoken } from '../../platform/language.ts';
import { refuse } from '../../platform/refusals.ts';
import { keepRegistration, openPage } from '../registration.ts';

export const registrationStart = operation({
  name: 'registration.start',
  summary:
    'Ask to join an organization: a link goes to the address. The answer is the same whether or not we know it.',
  http: 'POST /registrations/{organizationId}',
  input: z.object({
    organizationId,
    email: emailText,
    displayName: personName.min(1),
    message: z.string().trim().max(1000).default('').describe('For those who decide.'),
  }),
  output: z.object({ sent: z.literal(true) }),
  needs: 'public',
  effect: 'changing',
  strangersPerMinute: 10,
  events: ['registration.started'],
  run: async (context, { organizationId: where, email, displayName, message }) => {
    const { target } = await openPage(context.db, where);
    const address = readEmailAddress(email);
    if (!address) throw refuse('invitation.no-address');
    const id = await keepRegistration(context.db, context.at, {
      organizationId: where,
      email: address.address,
      emailNormal: address.normal,
      displayName,
      message,
      language: spoken(),
    });
    // One event in every case, so that nobody tells by the time it took; whoever mails finds nobody in one without a target.
    context.record({
      type: 'registration.started',
      targetKind: 'registration',
      targetId: id ?? null,
      organizationId: where,
      path: target.path,
      after: { id: id ?? null },
    });
    return { sent: true as const };
  },
});
