import { z } from 'zod';
import { isSelf } from '../../authority/self.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { membershipId } from '../fields.ts';
import { requireOtherManagers } from '../last-manager.ts';
import { recordMembership } from '../record-membership.ts';
import { changeMembership, lockMembership } from '../store.ts';

export const membershipSuspend = operation({
  name: 'membership.suspend',
  summary: 'Suspend somebody: they keep what they have and can use none of it, until let back in.',
  http: 'POST /memberships/{membershipId}/suspend',
  input: z.object({ membershipId }),
  output: z.object({ membershipId: z.uuid(), state: z.literal('suspended'), version: z.number().int() }),
  needs: {
    permission: 'membership.suspend',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: ['membership.suspended'],
  run: async (context, input) => {
    const before = await lockMembership(context.db, input.membershipId);
    if (isSelf(context.facts, before.userId)) throw refuse('user.self');
    if (before.state === 'ended' || before.endsAt <= context.at) throw refuse('membership.ended');
    context.checkVersion(before.version);
    const result = { membershipId: before.id, state: 'suspended' as const };
    if (before.state === 'suspended') {
      context.nothingChanged();
      return { ...result, version: before.version };
    }
    await requireOtherManagers(context, [before.id]);
    const after = { ...before, state: 'suspended' as const, version: before.version + 1 };
    await changeMembership(context.db, after);
    recordMembership(context, before, after, { type: 'membership.suspended' });
    return { ...result, version: after.version };
  },
});
