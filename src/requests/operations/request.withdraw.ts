import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { readRequest, stateOf } from '../store.ts';
import { requestView, viewOf } from '../view.ts';

export const requestWithdraw = operation({
  name: 'request.withdraw',
  summary: 'Take back what you asked for.',
  http: 'POST /requests/{requestId}/withdraw',
  input: z.object({ requestId: z.uuid() }),
  output: requestView,
  needs: 'self',
  effect: 'changing',
  events: ['request.withdrawn'],
  run: async (context, { requestId }) => {
    const { db } = context;
    const before = await readRequest(db, requestId, { lock: true });
    if (before?.requesterId !== context.user().userId) throw refuse('not-found');
    if (before.state === 'withdrawn') {
      context.nothingChanged();
      return viewOf(before, context.facts);
    }
    context.checkVersion(before.version);
    if (before.state !== 'open') throw refuse('request.decided');
    await sql`update request set state = 'withdrawn', next_at = null, version = version + 1 where id = ${requestId}`.execute(
      db,
    );
    // Nobody decides by them any more; a loop of asking and taking back would keep them for months.
    await sql`delete from request_attachment where request_id = ${requestId}`.execute(db);
    const after = (await readRequest(db, requestId))!;
    context.record({
      type: 'request.withdrawn',
      targetKind: 'request',
      targetId: requestId,
      organizationId: after.organizationId,
      path: after.path,
      subjectId: after.userId ?? after.requesterId,
      before: stateOf(before),
      after: stateOf(after),
    });
    return viewOf(after, context.facts);
  },
});
