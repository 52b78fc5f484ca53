import { sql } from 'kysely';
import { z } from 'zod';
import { mayBeUndone } from '../../access/rules.ts';
import { operation } from '../../operation/operation.ts';
import { databaseNow } from '../../platform/clock.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import { permitToDecide, recordRequest } from '../decision.ts';
import { takeBackAsked, takeBackEvents } from '../kinds/kinds.ts';
import { readRequest } from '../store.ts';
import { requestView, viewOf } from '../view.ts';
import { decisionsOf, takeBackDecision } from '../votes.ts';

export const requestUndo = operation({
  name: 'request.undo',
  summary: 'Take back your decision about a request, within 10 seconds.',
  http: 'POST /requests/{requestId}/undo',
  input: z.object({ requestId: z.uuid() }),
  output: requestView,
  needs: 'self',
  effect: 'ending',
  events: ['request.reopened', ...takeBackEvents],
  run: async (context, { requestId }) => {
    const { db, at } = context;
    const before = await readRequest(db, requestId, { lock: true });
    if (!before) throw refuse('not-found');
    // Whoever had it locked may have taken the last of the ten seconds: what was told meanwhile is told.
    const now = await databaseNow(db);
    const last = (await decisionsOf(db, requestId)).at(-1);
    const permit = await permitToDecide(context, before, last?.step);
    const open = before.state === 'open' || before.state === 'approved' || before.state === 'refused';
    if (last?.userId !== context.user().userId || !open || !mayBeUndone(last.decidedAt, now))
      throw refuse('undo.too-late');
    if (before.state === 'approved') await takeBackAsked({ context, because: permit.because }, before);
    await takeBackDecision(db, last, at);
    const { stood } = last;
    // Asked for again meanwhile: that request waits, and this one stays as it was decided.
    const { rows } = await sql`
      update request q set state = 'open', decided_by = null, decided_under = null, decided_at = null, decision_note = '', made = null,
        plan = (select coalesce(jsonb_agg(s order by n), '[]') from jsonb_array_elements(q.plan) with ordinality as t (s, n) where n <= ${stood.steps}),
        step = ${stood.step}, level = ${stood.level}, level_at = ${stood.levelAt}, done_until = ${stood.doneUntil},
        paused_at = ${stood.pausedAt ?? null}, paused_level = ${stood.pausedLevel}, pause_left = ${stood.pauseLeft}, deadline = ${stood.deadline}, next_at = ${stood.nextAt}, due_at = ${stood.dueAt ?? null},
        asks = ${stood.asks}::text[], asks_members = ${stood.asksMembers}::uuid[], asks_organizations = ${stood.asksOrganizations}::uuid[],
        version = q.version + 1
      where q.id = ${requestId} and not exists (select 1 from request other where other.state = 'open' and other.id <> q.id
        and other.kind = q.kind and (other.same = q.same or q.same is null and other.membership_id = q.membership_id
          and coalesce(other.entitlement_id, other.access_role_id) = coalesce(q.entitlement_id, q.access_role_id)))
      returning 1`.execute(db);
    if (rows.length === 0) throw refuse('undo.too-late');
    await sendJob(db, 'request', { requestId }, { at: new Date(stood.nextAt) });
    const after = (await readRequest(db, requestId))!;
    recordRequest(context, 'request.reopened', before, after, permit.because);
    return viewOf(after, context.facts);
  },
});
