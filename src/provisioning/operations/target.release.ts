import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import { agreeToChanges, letThrough } from '../sending/judging.ts';
import { readTarget } from '../store.ts';
import { provisioningTargetId } from '../targets/target-fields.ts';
import { provisioningTarget } from '../targets/target-view.ts';

export const targetRelease = operation({
  name: 'target.release',
  summary: 'Agree that so much is taken away, or changed, at a connected system at once, and let it go on.',
  http: 'POST /targets/{provisioningTargetId}/release',
  input: z.object({
    provisioningTargetId,
    what: z
      .enum(['removals', 'changes'])
      .default('removals')
      .describe('Accounts from which something is taken, or values that become others.'),
    seenAt: z.iso
      .datetime()
      .optional()
      .describe(
        'With `changes`: the `at` of the list that was looked at. What came after it goes on waiting.',
      ),
  }),
  output: z.object({ count: z.number().int().describe('Accounts of which something is sent now.') }),
  needs: {
    permission: 'target.operate',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['target.released'],
  run: async (context, { provisioningTargetId: id, what, seenAt }) => {
    const { db, target } = context;
    const row = (await readTarget(db, id, { lock: true }))!;
    let count: number;
    if (what === 'changes') {
      if (!row.changesHeldAt) throw refuse('target.not-braked');
      if (seenAt === undefined) throw refuse('target.look-first');
      count = await agreeToChanges(db, id, new Date(seenAt));
      // Whatever was looked at is something else by now, or gone.
      if (count === 0) throw refuse('target.look-first');
    } else {
      if (!row.brakedAt) throw refuse('target.not-braked');
      count = await letThrough(db, id);
      await sql`update target set braked_at = null, released_at = remit_now() where id = ${id}`.execute(db);
    }
    await sendJob(db, 'target', { provisioningTargetId: id });
    context.record({
      type: 'target.released',
      targetKind: 'target',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: { what, count },
      personal: { name: row.name },
    });
    return { count };
  },
});
