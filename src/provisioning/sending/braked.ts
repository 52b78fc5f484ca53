import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { run, type Services } from '../../operation/pipeline.ts';
import { readTarget } from '../store.ts';

/** Not in the registry: only the instance itself stops what would take or change too much. The row is written by whoever judged. */
const recordStop = operation({
  name: 'target.brake',
  summary: 'Record that so much at once waits for a person.',
  http: 'POST /targets/brake',
  input: z.object({
    provisioningTargetId: z.uuid(),
    what: z.enum(['removals', 'changes']),
    waiting: z.int(),
  }),
  output: z.object({}),
  needs: 'public',
  effect: 'changing',
  events: ['target.braked'],
  run: async (context, { provisioningTargetId, what, waiting }) => {
    const target = await readTarget(context.db, provisioningTargetId);
    if (!target || !(what === 'removals' ? target.brakedAt : target.changesHeldAt)) {
      context.nothingChanged();
      return {};
    }
    context.record({
      type: 'target.braked',
      targetKind: 'target',
      targetId: target.id,
      organizationId: target.organizationId,
      path: target.path,
      after: { what, waiting },
      personal: { name: target.name },
    });
    return {};
  },
});

export async function recordBraked(
  services: Services,
  provisioningTargetId: string,
  stopped: { what: 'removals' | 'changes'; waiting: number },
): Promise<void> {
  const call = {
    credential: { kind: 'none' },
    input: { provisioningTargetId, ...stopped },
    requestId: 'target',
    actAs: 'system',
  } as const;
  await run(services, recordStop, call);
}
