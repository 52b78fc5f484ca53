import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { takeFirstPassword } from '../sending/passwords.ts';

export const initialPasswordTake = operation({
  name: 'initial-password.take',
  summary:
    'Look at the first password of an account that was made for you; it is shown once and kept nowhere.',
  http: 'POST /me/initial-passwords/{provisioningTargetId}/take',
  input: z.object({ provisioningTargetId: z.uuid() }),
  output: z.object({ name: z.string(), password: z.string() }),
  needs: 'self',
  effect: 'changing',
  events: ['initial-password.viewed'],
  secretOutput: true,
  run: async (context, { provisioningTargetId }) => {
    const { userId } = context.user();
    const taken = await takeFirstPassword(context.db, context.config, userId, provisioningTargetId);
    if (!taken) throw refuse('not-found');
    context.record({
      type: 'initial-password.viewed',
      targetKind: 'target',
      targetId: provisioningTargetId,
      organizationId: taken.organizationId,
      path: taken.path,
      subjectId: userId,
      after: { targetId: provisioningTargetId, userId },
      personal: { name: taken.name },
    });
    return { name: taken.name, password: taken.password };
  },
});
