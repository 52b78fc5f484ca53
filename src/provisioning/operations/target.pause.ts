import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { readTarget } from '../store.ts';
import { provisioningTargetId, targetView } from '../targets/target-fields.ts';
import { provisioningTarget, targetState, viewTarget } from '../targets/target-view.ts';

export const targetPause = operation({
  name: 'target.pause',
  summary:
    'Send nothing to a connected system for now, not even that somebody left; it is caught up when it is switched on.',
  http: 'POST /targets/{provisioningTargetId}/pause',
  input: z.object({ provisioningTargetId }),
  output: targetView,
  needs: {
    permission: 'target.configure',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['target.paused'],
  run: async (context, { provisioningTargetId: id }) => {
    const { db, at, target } = context;
    const row = (await readTarget(db, id, { lock: true }))!;
    context.checkVersion(row.version);
    if (row.state !== 'active') throw refuse('target.not-active');
    const before = await targetState(db, id);
    await sql`update target set state = 'paused', changed_at = ${at}, version = version + 1 where id = ${id}`.execute(
      db,
    );
    context.record({
      type: 'target.paused',
      targetKind: 'target',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      before,
      after: await targetState(db, id),
      personal: { name: row.name },
    });
    return viewTarget(db, id);
  },
});
