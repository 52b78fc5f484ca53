import { z } from 'zod';
import { endSaid } from '../../directory/by-day.ts';
import { organizationId } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { readEmailAddress } from '../../platform/email-address.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import {
  accessInput,
  emailText,
  lineResult,
  managerInput,
  personName,
  termsInput,
  toWantedManager,
} from '../fields.ts';
import { decideOffer } from '../offer.ts';
import { sendEvents, sendInvitations } from '../send.ts';

export const invitationCreate = operation({
  name: 'invitation.create',
  summary: 'Invite people to join an organization.',
  http: 'POST /organizations/{organizationId}/invitations',
  input: z.object({
    organizationId,
    people: z
      .array(z.object({ email: emailText, displayName: personName.default('') }))
      .min(1)
      .max(500),
    ...termsInput,
    ...accessInput,
    manager: managerInput.optional(),
  }),
  output: z.object({ results: z.array(lineResult).describe('One for each person, in order.') }),
  needs: {
    permission: 'user.invite',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: sendEvents,
  run: async (context, input) => {
    if (input.firstDay && input.lastDay && input.lastDay < input.firstDay)
      throw invalid('lastDay', 'last-day-before-first');
    const { target, permit } = context;
    const offer = await decideOffer(context, target, {
      ...input,
      manager:
        input.manager &&
        toWantedManager(input.manager, await endSaid(context.db, input.manager, input.organizationId)),
    });
    const read = input.people.map((person) => ({ ...person, address: readEmailAddress(person.email) }));
    const people = read.flatMap(({ address, displayName }) =>
      address ? [{ email: address, displayName }] : [],
    );
    const sent = await sendInvitations(context, target, people, input, offer, permit.because);
    if (!sent.some(({ ok }) => ok)) context.nothingChanged();
    const answers = sent[Symbol.iterator]();
    return {
      results: read.map(({ email, address }) => {
        const one = address
          ? answers.next().value!
          : { ok: false as const, refusal: refuse('invitation.no-address') };
        return one.ok
          ? { email, ok: true, invitationId: one.invitation.id }
          : { email, ok: false, refusal: { code: one.refusal.code, text: one.refusal.message } };
      }),
    };
  },
});
