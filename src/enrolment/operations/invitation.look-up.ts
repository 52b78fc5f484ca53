import { z } from 'zod';
import { operation, userOf } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { token } from '../fields.ts';
import { describeInvitation, heldInvitation, nextStep } from '../held-invitation.ts';

export const invitationLookUp = operation({
  name: 'invitation.look-up',
  summary: 'Show an invitation to whoever holds its link; changes nothing.',
  http: 'POST /invitations/look-up',
  input: z.object({ token }),
  output: z.object({
    state: z.enum(['open', 'expired', 'dead', 'accepted', 'revoked']),
    organizationName: z.string(),
    inviterName: z.string().nullable(),
    email: z.string(),
    displayName: z.string(),
    title: z.string(),
    message: z.string(),
    firstDay: z.string().nullable(),
    lastDay: z.string().nullable(),
    expiresAt: z.string(),
    renewalAsked: z.boolean().describe('A new one was asked for already.'),
    managerAs: z.string().nullable().describe('The admin role, where it appoints a manager.'),
    access: z.array(z.object({ application: z.string().nullable(), name: z.string() })),
    step: z
      .enum(['password', 'sign-in', 'accept', 'other-address'])
      .describe(
        'What accepting takes: a new password; signing in first; nothing more; or signing out, being somebody else.',
      ),
  }),
  needs: 'public',
  effect: 'reading',
  strangersPerMinute: 30,
  run: async (context, input) => {
    const { db, at } = context;
    const held = await heldInvitation(db, input.token, at);
    if (!held) throw refuse('invitation.unknown');
    const { row, state } = held;
    const { step } = await nextStep(db, row, userOf(context));
    return {
      ...row,
      ...(await describeInvitation(db, row)),
      state,
      expiresAt: row.expiresAt.toISOString(),
      renewalAsked: row.renewalAskedAt !== null,
      step,
    };
  },
});
