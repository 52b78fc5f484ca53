import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { run, type Services } from '../../operation/pipeline.ts';
import { readTarget } from '../store.ts';
import { passwordDelivered, type QueuedPassword } from './passwords.ts';

type Delivered = Pick<QueuedPassword, 'userId' | 'madeAt'>;

/** Not in the registry: only the instance itself hands a first password over. Its event is what the letter follows from. */
const handOverFirst = operation({
  name: 'initial-password.hand-over',
  summary: 'Note that an account has its first password, for the letter to its owner.',
  http: 'POST /initial-passwords/hand-over',
  input: z.object({ provisioningTargetId: z.uuid(), userId: z.uuid(), madeAt: z.string() }),
  output: z.object({}),
  needs: 'public',
  effect: 'changing',
  events: ['initial-password.handed-over'],
  run: async (context, { provisioningTargetId, userId, madeAt }) => {
    const target = await readTarget(context.db, provisioningTargetId);
    await passwordDelivered(context.db, provisioningTargetId, { userId, madeAt });
    if (!target) {
      context.nothingChanged();
      return {};
    }
    context.record({
      type: 'initial-password.handed-over',
      targetKind: 'target',
      targetId: target.id,
      organizationId: target.organizationId,
      path: target.path,
      subjectId: userId,
      after: { targetId: target.id, userId },
      personal: { name: target.name },
    });
    return {};
  },
});

/** A password that the other system took: one that somebody set is gone; of a first one its owner hears. */
export async function handOver(
  services: Services,
  provisioningTargetId: string,
  { userId, madeAt }: Delivered,
): Promise<void> {
  const { rows } = await sql`
    select 1 from queued_password where target_id = ${provisioningTargetId} and user_id = ${userId}
      and made_at = ${madeAt}::timestamptz and kind = 'initial' and sent_at is null`.execute(services.db);
  if (rows.length === 0) return passwordDelivered(services.db, provisioningTargetId, { userId, madeAt });
  const input = { provisioningTargetId, userId, madeAt };
  const call = { credential: { kind: 'none' }, input, requestId: 'target', actAs: 'system' } as const;
  await run(services, handOverFirst, call);
}
