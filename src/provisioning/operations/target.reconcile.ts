import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { connectorNamed } from '../connectors/all.ts';
import { lastRuns, runView } from '../reconciling/difference-view.ts';
import { askForRun } from '../reconciling/reconcile-rows.ts';
import { readTarget } from '../store.ts';
import { provisioningTargetId } from '../targets/target-fields.ts';
import { provisioningTarget } from '../targets/target-view.ts';
import { declaredBy } from '../wanted/declared.ts';

export const targetReconcile = operation({
  name: 'target.reconcile',
  summary:
    'Compare everything that is there at a connected system with what should be; nothing is changed there.',
  http: 'POST /targets/{provisioningTargetId}/reconcile',
  input: z.object({ provisioningTargetId }),
  output: runView,
  needs: {
    permission: 'target.operate',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['target.reconciled'],
  run: async (context, { provisioningTargetId: id }) => {
    const { db, target, actor } = context;
    const row = (await readTarget(db, id, { lock: true }))!;
    if (row.state === 'draft') throw refuse('target.not-active');
    const connector = connectorNamed(row.connector);
    if (connector && declaredBy(connector, row.settings).can.list === 'none') throw refuse('target.no-list');
    const { id: runId, made } = await askForRun(db, id, actor.kind === 'user' ? actor.userId : null);
    if (!made) context.nothingChanged();
    else
      context.record({
        type: 'target.reconciled',
        targetKind: 'target',
        targetId: id,
        organizationId: target.organizationId,
        path: target.path,
        after: { runId },
        personal: { name: row.name },
      });
    return (await lastRuns(db, id, 1))[0]!;
  },
});
