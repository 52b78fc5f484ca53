import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { token } from '../fields.ts';
import { heldInvitation } from '../held-invitation.ts';
import { refusalOf } from '../rules.ts';
import { recordInvitation } from '../send.ts';
import { changeInvitation } from '../store.ts';

export const invitationAskAgain = operation({
  name: 'invitation.ask-again',
  summary: 'Ask for a new invitation in place of an expired one; whoever sent it is told.',
  http: 'POST /invitations/ask-again',
  input: z.object({ token }),
  output: z.object({ asked: z.literal(true) }),
  needs: 'public',
  effect: 'changing',
  strangersPerMinute: 10,
  events: ['invitation.renewal-asked'],
  run: async (context, input) => {
    const held = await heldInvitation(context.db, input.token, context.at, true);
    if (!held) throw refuse('invitation.unknown');
    const { row, state } = held;
    if (state === 'accepted' || state === 'revoked') throw refuse(refusalOf[state]);
    // Asked once is asked: nobody's inbox is filled by pressing a button again.
    if (state === 'open' || row.renewalAskedAt) context.nothingChanged();
    else {
      const after = { ...row, renewalAskedAt: context.at, version: row.version + 1 };
      await changeInvitation(context.db, after);
      recordInvitation(context, 'invitation.renewal-asked', after, { before: row });
    }
    return { asked: true as const };
  },
});
