import { z } from 'zod';
import { isSelf } from '../../authority/self.ts';
import { membershipId } from '../../directory/fields.ts';
import { lockMembership } from '../../directory/store.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { leftBehind } from '../behind.ts';
import { carryOut, nameSuccessor } from '../succession.ts';
import { takeOverEvents } from '../take-over.ts';

export const membershipNameSuccessor = operation({
  name: 'membership.name-successor',
  summary:
    'Name who takes over from somebody when they leave, as far as you could give it yourself by then; from somebody who has left, now.',
  http: 'PUT /memberships/{membershipId}/successor',
  input: z.object({
    membershipId,
    successorId: z
      .uuid()
      .nullable()
      .describe('The membership of whoever takes over; null to name nobody any more.'),
  }),
  output: z.object({
    membershipId: z.uuid(),
    successorId: z.uuid().nullable(),
    behind: leftBehind
      .nullable()
      .describe('What went to the successor of somebody who has left; null where they have not.'),
  }),
  needs: {
    permission: 'membership.end',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  // Before the place has ended it gives nothing; afterwards links end and are given anew, as by a hand-over.
  effect: 'ending',
  previews: true,
  events: ['succession.named', 'succession.ended', 'succession.handed-over', ...takeOverEvents],
  run: async (context, { membershipId: id, successorId }) => {
    const leaver = await lockMembership(context.db, id);
    if (isSelf(context.facts, leaver.userId)) throw refuse('user.self');
    const over = leaver.state === 'ended' || leaver.endsAt <= context.at;
    if (over && successorId === null) throw refuse('membership.ended');
    if (!(await nameSuccessor(context, id, successorId))) context.nothingChanged();
    const behind = over ? await carryOut(context, id) : undefined;
    return { membershipId: id, successorId, behind: behind ?? null };
  },
});
