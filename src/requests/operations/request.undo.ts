import { sql } from 'kysely';
import { z } from 'zod';
import { afterUndo } from '../../access/rules.ts';
import { lastActs } from '../../access/store.ts';
import { loadAssignments } from '../../access/take.ts';
import { takeBack, undoEvents } from '../../access/undo.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { permitToDecide, recordRequest } from '../decision.ts';
import { readRequest, targetOf } from '../store.ts';
import { requestView, viewOf } from '../view.ts';

export const requestUndo = operation({
  name: 'request.undo',
  summary: 'Take back your decision about a request, within 10 seconds.',
  http: 'POST /requests/{requestId}/undo',
  input: z.object({ requestId: z.uuid() }),
  output: requestView,
  needs: {
    permission: 'request.decide',
    target: async (db, input) => {
      const row = await readRequest(db, input.requestId);
      return row && targetOf(row);
    },
    visibleBy: 'request.decide',
  },
  effect: 'ending',
  events: ['request.reopened', ...undoEvents],
  run: async (context, { requestId }) => {
    const { db, at, actor } = context;
    const before = (await readRequest(db, requestId, { lock: true }))!;
    const permit = await permitToDecide(context, before);
    const last = (await lastActs(db, [requestId])).get(requestId);
    const me = actor.kind === 'user' ? actor.userId : actor.kind === 'client' ? actor.clientId : null;
    const mine = last?.actorKind === actor.kind && last.actorId === me;
    const decided = last?.type === 'request.approved' || last?.type === 'request.refused';
    if (!mine || !decided || at > afterUndo(last.at)) throw refuse('undo.too-late');
    const { rows: given } = await sql<{ id: string }>`
      select id from assignment where request_id = ${requestId} and state = 'active'`.execute(db);
    const loaded = await loadAssignments(
      context,
      given.map(({ id }) => id),
    );
    await takeBack(
      context,
      [...loaded.values()].map((one) => ({ ...one, because: permit.because })),
    );
    // Asked for again meanwhile: that request waits, and this one stays as it was decided.
    const { rows } = await sql`
      update access_request q set state = 'open', decided_by = null, decided_under = null, decided_at = null, decision_note = '',
        version = q.version + 1
      where q.id = ${requestId} and not exists (select 1 from access_request other where other.state = 'open'
        and other.membership_id = q.membership_id
        and coalesce(other.entitlement_id, other.access_role_id) = coalesce(q.entitlement_id, q.access_role_id))
      returning 1`.execute(db);
    if (rows.length === 0) throw refuse('undo.too-late');
    const after = (await readRequest(db, requestId))!;
    recordRequest(context, 'request.reopened', before, after, permit.because);
    return viewOf(after, context.facts);
  },
});
