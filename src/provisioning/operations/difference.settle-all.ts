import { z } from 'zod';
import { selvesOf } from '../../authority/self.ts';
import { operation } from '../../operation/operation.ts';
import { sendJob } from '../../platform/jobs.ts';
import { differenceKinds, standing } from '../reconciling/difference-view.ts';
import { mendMany } from '../reconciling/mend-many.ts';
import { leaveMany, planMany, requireTaking } from '../reconciling/reconcile-settle.ts';
import { readTarget } from '../store.ts';
import { provisioningTargetId } from '../targets/target-fields.ts';
import { provisioningTarget } from '../targets/target-view.ts';

/** Settled by one call; who has more calls again. */
const most = 1000;

export const differenceSettleAll = operation({
  name: 'difference.settle-all',
  summary: 'Settle many differences at a connected system at once: those named, or all of one kind.',
  http: 'POST /targets/{provisioningTargetId}/settle',
  input: z
    .object({
      provisioningTargetId,
      how: z
        .enum(['mend', 'leave', 'disable', 'delete'])
        .describe('As with `difference.settle`; those that it does not fit stay as they are.'),
      kind: z.enum(differenceKinds).optional().describe('All of this kind.'),
      differenceIds: z.array(z.uuid()).min(1).max(most).optional().describe('These.'),
    })
    .refine((input) => (input.kind === undefined) !== (input.differenceIds === undefined)),
  output: z.object({
    count: z.number().int().describe('How many were settled.'),
    more: z.boolean().describe('There are more of that kind.'),
  }),
  needs: {
    permission: 'target.operate',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['target.settled'],
  run: async (context, { provisioningTargetId: id, how, kind, differenceIds }) => {
    const { db, target, actor } = context;
    const row = (await readTarget(db, id, { lock: true }))!;
    if (how === 'disable' || how === 'delete') await requireTaking(db, id, how);
    const { ids, more } = await standing(db, id, context.reach('user.read'), {
      ids: differenceIds,
      kind,
      most,
    });
    const by = actor.kind === 'user' ? actor.userId : null;
    const count =
      how === 'mend'
        ? await mendMany(db, ids, by)
        : how === 'leave'
          ? await leaveMany(db, ids, by, selvesOf(context.facts))
          : await planMany(db, ids, how);
    if (count === 0) context.nothingChanged();
    else {
      if (how !== 'leave') await sendJob(db, 'target', { provisioningTargetId: id });
      context.record({
        type: 'target.settled',
        targetKind: 'target',
        targetId: id,
        organizationId: target.organizationId,
        path: target.path,
        after: { how, kind: kind ?? null, count },
        personal: { name: row.name },
      });
    }
    return { count, more };
  },
});
