import { sql } from 'kysely';
import { z } from 'zod';
import { giveEvents } from '../../access/give.ts';
import { afterUndo } from '../../access/rules.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { giveWhatWasAsked, permitToDecide, recordRequest, stillAsked } from '../decision.ts';
import { readRequest, targetOf } from '../store.ts';
import { requestView, viewOf } from '../view.ts';

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
  needs: {
    permission: 'request.decide',
    target: async (db, input) => {
      const row = await readRequest(db, input.requestId);
      return row && targetOf(row);
    },
    visibleBy: 'request.decide',
  },
  effect: 'changing',
  events: ['request.approved', 'request.refused', ...giveEvents],
  run: async (context, { requestId, approve, note }) => {
    const { db, at, actor } = context;
    // Locked first: of two decisions at once the second finds the first (I31).
    const before = (await readRequest(db, requestId, { lock: true }))!;
    const permit = await permitToDecide(context, before);
    const state = approve ? 'approved' : 'refused';
    const me = actor.kind === 'user' ? actor.userId : null;
    if (before.state === state && before.decidedBy === me && before.decidedAt) {
      context.nothingChanged();
      return { ...viewOf(before, context.facts), undoUntil: afterUndo(before.decidedAt).toISOString() };
    }
    if (before.state !== 'open') throw refuse('request.decided');
    if (approve) {
      await stillAsked(context, before);
      await giveWhatWasAsked(context, before, permit);
    }
    await sql`
      update access_request set state = ${state}, decided_by = ${me}::uuid, decided_under = ${permit.because[0]?.id ?? null}::uuid,
        decided_at = ${at}, decision_note = ${note}, version = version + 1
      where id = ${requestId} and state = 'open'`.execute(db);
    const after = (await readRequest(db, requestId))!;
    recordRequest(context, `request.${state}`, before, after, permit.because);
    return { ...viewOf(after, context.facts), undoUntil: afterUndo(at).toISOString() };
  },
});
