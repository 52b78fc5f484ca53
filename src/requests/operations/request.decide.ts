import { z } from 'zod';
import { giveEvents } from '../../access/give.ts';
import { afterUndo } from '../../access/rules.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { courseEvents, goOn } from '../course.ts';
import { permitToDecide, recordRequest } from '../decision.ts';
import { readRequest } from '../store.ts';
import { requestView, viewOf } from '../view.ts';
import { decisionsOf, insertDecision } from '../votes.ts';

export const requestDecide = operation({
  name: 'request.decide',
  summary: 'Approve or refuse what somebody asks for.',
  http: 'POST /requests/{requestId}/decision',
  input: z.object({
    requestId: z.uuid(),
    approve: z.boolean(),
    note: z.string().trim().max(1000).default('').describe('What whoever asked will read.'),
  }),
  output: requestView.extend({
    undoUntil: z.string().describe('Until then `request.undo` takes the decision back.'),
  }),
  needs: 'self',
  effect: 'changing',
  events: ['request.voted', ...courseEvents, ...giveEvents],
  run: async (context, { requestId, approve, note }) => {
    const { db, at } = context;
    // Locked first: of two decisions at once the second finds the first (I31).
    const before = await readRequest(db, requestId, { lock: true });
    if (!before) throw refuse('not-found');
    const said = (await decisionsOf(db, requestId)).findLast(
      ({ userId }) => userId === context.user().userId,
    );
    const stands = said && (before.state !== 'open' || said.step === before.step);
    const permit = await permitToDecide(context, before, stands ? said.step : undefined);
    if (stands && said.approve === approve) {
      context.nothingChanged();
      return { ...viewOf(before, context.facts), undoUntil: afterUndo(said.decidedAt).toISOString() };
    }
    if (stands || before.state !== 'open') throw refuse('request.decided');
    await insertDecision(context, before, { approve, note, permit });
    const after = await goOn(context, before);
    const type = after.state === 'open' ? 'request.voted' : `request.${after.state}`;
    recordRequest(context, type, before, after, permit.because);
    return { ...viewOf(after, context.facts), undoUntil: afterUndo(at).toISOString() };
  },
});
