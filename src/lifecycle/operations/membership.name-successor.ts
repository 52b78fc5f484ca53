import { z } from 'zod';
import { isSelf } from '../../authority/self.ts';
import { membershipId } from '../../directory/fields.ts';
import { lockMembership } from '../../directory/store.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { nameSuccessor } from '../succession.ts';

export const membershipNameSuccessor = operation({
  name: 'membership.name-successor',
  summary: 'Name who takes over from somebody when they leave, as far as you could give it yourself by then.',
  http: 'PUT /memberships/{membershipId}/successor',
  input: z.object({
    membershipId,
    successorId: z
      .uuid()
      .nullable()
      .describe('The membership of whoever takes over; null to name nobody any more.'),
  }),
  output: z.object({ membershipId: z.uuid(), successorId: z.uuid().nullable() }),
  needs: {
    permission: 'membership.end',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  // It gives nothing: that is decided when the place has ended.
  effect: 'changing',
  events: ['succession.named', 'succession.ended'],
  run: async (context, { membershipId: id, successorId }) => {
    const leaver = await lockMembership(context.db, id);
    if (isSelf(context.facts, leaver.userId)) throw refuse('user.self');
    if (leaver.state === 'ended' || leaver.endsAt <= context.at) throw refuse('membership.ended');
    if (!(await nameSuccessor(context, id, successorId))) context.nothingChanged();
    return { membershipId: id, successorId };
  },
});
