import { z } from 'zod';
import { operation, userOf } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { invitationId } from '../fields.ts';
import { offerAgain } from '../offer-again.ts';
import { readView } from '../read-view.ts';
import { dayMs, invitationDays, refusalOf } from '../rules.ts';
import { recordInvitation } from '../send.ts';
import { changeInvitation, type InvitationRow, invitationTarget, lockInvitation } from '../store.ts';
import { invitationView } from '../view.ts';

export const invitationResend = operation({
  name: 'invitation.resend',
  summary: 'Send an invitation again, with a new date; an expired or dead one comes alive under you.',
  http: 'POST /invitations/{invitationId}/resend',
  input: z.object({ invitationId }),
  output: invitationView,
  needs: {
    permission: 'user.invite',
    target: (db, input) => invitationTarget(db, input.invitationId),
    visibleBy: 'user.read',
  },
  effect: 'changing',
  events: ['invitation.resent'],
  run: async (context, input) => {
    const before = (await lockInvitation(context.db, input.invitationId))!;
    context.checkVersion(before.version);
    if (before.state !== 'open') throw refuse(refusalOf[before.state]);
    const offer = await offerAgain(context, context.target, before);
    const after: InvitationRow = {
      ...before,
      grantedUnder: offer.grantedUnder,
      delegation: offer.delegation,
      invitedBy: userOf(context)?.userId ?? null,
      invitedUnder: context.permit.because[0]?.id ?? null,
      expiresAt: new Date(context.at.getTime() + invitationDays * dayMs),
      sentAt: null,
      renewalAskedAt: null,
      version: before.version + 1,
    };
    await changeInvitation(context.db, after);
    recordInvitation(context, 'invitation.resent', after, { before });
    return readView(context, after.id);
  },
});
