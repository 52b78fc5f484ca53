import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { mark } from '../sending/marks.ts';
import { readTarget, secretsOf } from '../store.ts';
import { requireReady } from '../targets/target-edit.ts';
import { provisioningTargetId, targetView } from '../targets/target-fields.ts';
import { provisioningTarget, targetState, viewTarget } from '../targets/target-view.ts';

export const targetActivate = operation({
  name: 'target.activate',
  summary: 'Switch a connected system on: accounts are made, changed and taken from then on.',
  http: 'POST /targets/{provisioningTargetId}/activate',
  input: z.object({ provisioningTargetId }),
  output: targetView,
  needs: {
    permission: 'target.configure',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['target.activated'],
  run: async (context, { provisioningTargetId: id }) => {
    const { db, at, config, target } = context;
    const row = (await readTarget(db, id, { lock: true }))!;
    context.checkVersion(row.version);
    if (row.state === 'active') {
      context.nothingChanged();
      return viewTarget(db, id);
    }
    await requireReady(context, row, secretsOf(config, row));
    const before = await targetState(db, id);
    await sql`update target set state = 'active', failing_since = null, failures = 0, rests_until = null, last_problem = null,
      changed_at = ${at}, version = version + 1 where id = ${id}`.execute(db);
    // Whatever changed while it was off, or before it was there.
    await mark(db, { everybody: true, targetId: id });
    context.record({
      type: 'target.activated',
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
