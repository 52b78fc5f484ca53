import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { invitationId } from '../fields.ts';
import { readView } from '../read-view.ts';
import { invitationTarget } from '../store.ts';
import { invitationView } from '../view.ts';

export const invitationRead = operation({
  name: 'invitation.read',
  summary: 'Read one invitation.',
  http: 'GET /invitations/{invitationId}',
  input: z.object({ invitationId }),
  output: invitationView,
  needs: {
    permission: 'user.read',
    target: (db, input) => invitationTarget(db, input.invitationId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: (context, input) => readView(context, input.invitationId),
});
