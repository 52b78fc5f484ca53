import { sinceSaid } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { planTakeBack } from '../take-back.ts';
import { takeBackInput, takeBackView } from '../take-back-view.ts';

export const delegationTakeBackPreview = operation({
  name: 'delegation.take-back-preview',
  summary: 'Show what would be taken back of what somebody gave since a date',
  http: 'GET /memberships/{membershipId}/take-back',
  input: takeBackInput,
  output: takeBackView,
  needs: {
    permission: 'delegation.end',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: async (context, input) =>
    planTakeBack(
      context,
      input.membershipId,
      await sinceSaid(context.db, input, context.target.organizationId!),
    ),
});
