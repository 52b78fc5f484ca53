import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { writeReceipt } from '../../operation/receipts.ts';
import { refuse } from '../../platform/refusals.ts';
import { changeLink, linkInput } from '../change-link.ts';
import { linkToReceipt, receiptLink } from '../receipt.ts';
import { requireOthersBeside } from '../resigning.ts';

export const delegationResign = operation({
  name: 'delegation.resign',
  summary: 'Give up a delegation of your own; what you gave from it ends with it',
  http: 'POST /me/delegations/{delegationId}/resign',
  input: linkInput,
  output: z.object({ delegationId: z.string(), state: z.literal('ended'), receipt: receiptLink }),
  needs: 'self',
  effect: 'ending',
  previews: true,
  events: ['delegation.resigned'],
  run: async (context, input) => {
    // Their own alone: what a relation gives is not one member's to give up for everybody who stands in it.
    const held = context.facts.held.find(
      ({ id, delegateKind }) => id === input.delegationId && delegateKind === 'user',
    );
    if (!held) throw refuse('not-found');
    await requireOthersBeside(context, held);
    await changeLink(context, input, 'delegation.resigned', async () => ({ state: 'ended', ended: true }), {
      resigning: true,
    });
    const ended = [{ id: input.delegationId, stateBefore: held.state }];
    const counts = await writeReceipt(context, 'delegation.resign', ended);
    return {
      delegationId: input.delegationId,
      state: 'ended' as const,
      receipt: linkToReceipt(input.delegationId, counts),
    };
  },
});
