import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { run, type Services } from '../../operation/pipeline.ts';
import { readTarget } from '../store.ts';

/** Not in the registry: only the instance itself stops what would take too much away. The row is written by whoever judged. */
const recordStop = operation({
  name: 'target.brake',
  summary: 'Record that taking away waits for a person.',
  http: 'POST /targets/brake',
  input: z.object({ provisioningTargetId: z.uuid(), waiting: z.int() }),
  output: z.object({}),
  needs: 'public',
  effect: 'changing',
  events: ['target.braked'],
  run: async (context, { provisioningTargetId, waiting }) => {
    const target = await readTarget(context.db, provisioningTargetId);
    if (!target?.brakedAt) {
      context.nothingChanged();
      return {};
    }
    context.record({
      type: 'target.braked',
      targetKind: 'target',
      targetId: target.id,
      organizationId: target.organizationId,
      path: target.path,
      after: { waiting },
      personal: { name: target.name },
    });
    return {};
  },
});

export async function recordBraked(
  services: Services,
  provisioningTargetId: string,
  waiting: number,
): Promise<void> {
  const call = {
    credential: { kind: 'none' },
    input: { provisioningTargetId, waiting },
    requestId: 'target',
    actAs: 'system',
  } as const;
  await run(services, recordStop, call);
}
