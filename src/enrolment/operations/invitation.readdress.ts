import { z } from 'zod';
import { dominates, loadPower } from '../../authority/power.ts';
import { type Context, operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { readEmailAddress } from '../../platform/email-address.ts';
import { endSecrets } from '../../platform/one-time-secrets.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { emailText, invitationId } from '../fields.ts';
import { offerAgain } from '../offer-again.ts';
import { readView } from '../read-view.ts';
import { refusalOf } from '../rules.ts';
import { revoke, sendEvents, sendInvitations } from '../send.ts';
import { invitationTarget, lockInvitation } from '../store.ts';
import { invitationView } from '../view.ts';

export const invitationReaddress = operation({
  name: 'invitation.readdress',
  summary: 'Send an invitation to another address: a new one under you; the old one is dead.',
  http: 'POST /invitations/{invitationId}/readdress',
  input: z.object({ invitationId, email: emailText }),
  output: invitationView,
  needs: {
    permission: 'user.invite',
    target: (db, input) => invitationTarget(db, input.invitationId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  events: sendEvents,
  run: async (context, input) => {
    const email = readEmailAddress(input.email);
    if (!email) throw invalid('email', 'not-an-email');
    const before = (await lockInvitation(context.db, input.invitationId))!;
    context.checkVersion(before.version);
    if (before.state !== 'open') throw refuse(refusalOf[before.state]);
    if (before.membershipId) await requirePower(context, before.membershipId);
    const offer = await offerAgain(context, context.target, before);
    await revoke(context, before);
    await endSecrets(context.db, 'invitation', before.id);
    const { displayName, membershipId } = before;
    const [sent] = await sendInvitations(
      context,
      context.target,
      [{ email, displayName, ...(membershipId ? { membershipId } : {}) }],
      {
        title: before.title,
        message: before.message,
        firstDay: before.firstDay ?? undefined,
        lastDay: before.lastDay ?? undefined,
      },
      offer,
      context.permit.because,
    );
    if (!sent?.ok) throw sent!.refusal;
    return readView(context, sent.invitation.id);
  },
});

/** Whoever chooses the address of an account that exists takes control of it (I12). */
async function requirePower(context: Context, membershipId: string): Promise<void> {
  const target = await membershipTarget(context.db, membershipId);
  if (context.actor.kind === 'operator' || context.actor.kind === 'system') return;
  if (!dominates(context.facts, await loadPower(context.db, target!.userId!))) throw refuse('user.protected');
}
