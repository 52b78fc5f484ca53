import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { readTarget } from '../store.ts';
import { provisioningTargetId, targetView } from '../targets/target-fields.ts';
import { provisioningTarget, targetState, viewTarget } from '../targets/target-view.ts';
import { withdraw } from '../tasks/ask.ts';
import { readTasks } from '../tasks/store.ts';

export const targetRetire = operation({
  name: 'target.retire',
  summary: 'Remove a connected system: its secrets are forgotten, and accounts there stay as they are.',
  http: 'POST /targets/{provisioningTargetId}/retire',
  input: z.object({ provisioningTargetId }),
  output: targetView,
  needs: {
    permission: 'target.configure',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['target.retired', 'task.withdrawn'],
  run: async (context, { provisioningTargetId: id }) => {
    const { db, at, target } = context;
    const row = (await readTarget(db, id, { lock: true }))!;
    context.checkVersion(row.version);
    const before = await targetState(db, id);
    await sql`update target set state = 'retired', sealed = '', changed_at = ${at}, version = version + 1 where id = ${id}`.execute(
      db,
    );
    await sql`update account set due_at = null, next_change_at = null, verify_at = null where target_id = ${id}`.execute(
      db,
    );
    for (const task of await readTasks(
      db,
      sql`where k.target_id = ${id} and k.state = 'open' for update of k`,
    ))
      await withdraw(context, task);
    context.record({
      type: 'target.retired',
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
