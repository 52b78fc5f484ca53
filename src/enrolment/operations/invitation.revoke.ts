import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { endSecrets } from '../../platform/one-time-secrets.ts';
import { refuse } from '../../platform/refusals.ts';
import { invitationId } from '../fields.ts';
import { refusalOf } from '../rules.ts';
import { revoke } from '../send.ts';
import { invitationTarget, lockInvitation } from '../store.ts';

export const invitationRevoke = operation({
  name: 'invitation.revoke',
  summary: 'Take an invitation back; its link stops working at once.',
  http: 'POST /invitations/{invitationId}/revoke',
  input: z.object({ invitationId }),
  output: z.object({ invitationId: z.uuid(), state: z.literal('revoked'), version: z.number().int() }),
  needs: {
    permission: 'user.invite',
    target: (db, input) => invitationTarget(db, input.invitationId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  events: ['invitation.revoked'],
  run: async (context, input) => {
    const before = (await lockInvitation(context.db, input.invitationId))!;
    if (before.state === 'accepted') throw refuse(refusalOf.accepted);
    context.checkVersion(before.version);
    if (before.state === 'revoked') context.nothingChanged();
    const after = before.state === 'revoked' ? before : await revoke(context, before);
    await endSecrets(context.db, 'invitation', after.id);
    return { invitationId: after.id, state: 'revoked' as const, version: after.version };
  },
});
