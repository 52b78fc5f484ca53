import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import { letThrough } from '../sending/queue.ts';
import { readTarget } from '../store.ts';
import { provisioningTargetId } from '../targets/target-fields.ts';
import { provisioningTarget } from '../targets/target-view.ts';

export const targetRelease = operation({
  name: 'target.release',
  summary: 'Agree that so much is taken away at a connected system at once, and let it go on.',
  http: 'POST /targets/{provisioningTargetId}/release',
  input: z.object({ provisioningTargetId }),
  output: z.object({ count: z.number().int().describe('Accounts from which something is taken now.') }),
  needs: {
    permission: 'target.operate',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['target.released'],
  run: async (context, { provisioningTargetId: id }) => {
    const { db, target } = context;
    const row = (await readTarget(db, id, { lock: true }))!;
    if (!row.brakedAt) throw refuse('target.not-braked');
    const count = await letThrough(db, id);
    await sql`update target set braked_at = null, released_at = remit_now() where id = ${id}`.execute(db);
    await sendJob(db, 'target', { provisioningTargetId: id });
    context.record({
      type: 'target.released',
      targetKind: 'target',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: { count },
      personal: { name: row.name },
    });
    return { count };
  },
});
