import { sinceSaid } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { takeBack } from '../take-back.ts';
import { takeBackInput, takeBackView } from '../take-back-view.ts';

export const delegationTakeBack = operation({
  name: 'delegation.take-back',
  summary: 'Take back what somebody gave since a date: delegations, access and invitations',
  http: 'POST /memberships/{membershipId}/take-back',
  input: takeBackInput,
  output: takeBackView,
  needs: {
    permission: 'delegation.end',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: ['delegation.ended', 'assignment.ended', 'invitation.revoked'],
  run: async (context, input) =>
    takeBack(context, input.membershipId, await sinceSaid(context.db, input, context.target.organizationId!)),
});
