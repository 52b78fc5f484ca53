import { z } from 'zod';
import { isSelf } from '../../authority/self.ts';
import { requireMayLift } from '../../operation/lifted.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { membershipId } from '../fields.ts';
import { recordMembership } from '../record-membership.ts';
import { changeMembership, lockMembership } from '../store.ts';

/** Only suspension resumes; endings are final (ruling 3). Bounded by the organization's ceiling at use, as before. */
export const membershipResume = operation({
  name: 'membership.resume',
  summary: 'Let somebody who was suspended back in.',
  http: 'POST /memberships/{membershipId}/resume',
  input: z.object({ membershipId }),
  output: z.object({ membershipId: z.uuid(), state: z.literal('active'), version: z.number().int() }),
  needs: {
    permission: 'membership.suspend',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'changing',
  previews: true,
  events: ['membership.resumed'],
  run: async (context, input) => {
    const before = await lockMembership(context.db, input.membershipId);
    if (isSelf(context.facts, before.userId)) throw refuse('user.self');
    if (before.state === 'ended' || before.endsAt <= context.at) throw refuse('membership.ended');
    context.checkVersion(before.version);
    const result = { membershipId: before.id, state: 'active' as const };
    if (before.state === 'active') {
      context.nothingChanged();
      return { ...result, version: before.version };
    }
    await requireMayLift(context, before.id, 'membership.suspended', context.permit.because);
    const after = { ...before, state: 'active' as const, version: before.version + 1 };
    await changeMembership(context.db, after);
    recordMembership(context, before, after, { type: 'membership.resumed' });
    return { ...result, version: after.version };
  },
});
