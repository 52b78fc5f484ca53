import { operation } from '../../operation/operation.ts';
import { writeReceipt } from '../../operation/receipts.ts';
import { changeLink, linkInput } from '../change-link.ts';
import { linkToReceipt, receiptLink } from '../receipt.ts';
import { delegationTarget } from '../store.ts';
import { delegationView, viewDelegations } from '../view.ts';

export const delegationEnd = operation({
  name: 'delegation.end',
  summary: 'End a delegation; everything below it stops at the next request',
  http: 'POST /delegations/{delegationId}/end',
  input: linkInput,
  output: delegationView.extend({ receipt: receiptLink }),
  needs: {
    permission: 'delegation.end',
    target: (db, input) => delegationTarget(db, input.delegationId),
    visibleBy: 'delegation.read',
  },
  effect: 'ending',
  previews: true,
  events: ['delegation.ended'],
  run: async (context, input) => {
    const before = await changeLink(context, input, 'delegation.ended', async () => ({
      state: 'ended',
      ended: true,
    }));
    const ended = [{ id: input.delegationId, stateBefore: before.state }];
    const counts = await writeReceipt(context, 'delegation.end', ended);
    const [view] = await viewDelegations(context.db, context.facts, [input.delegationId]);
    return { ...view!, receipt: linkToReceipt(input.delegationId, counts) };
  },
});
