import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { lockDefinition, removeDefinition } from '../attribute-store.ts';
import { organizationId } from '../fields.ts';

export const attributeRemove = operation({
  name: 'attribute.remove',
  summary: 'Remove a field; what people have in it stays with them, out of sight of new changes.',
  http: 'DELETE /organizations/{organizationId}/attributes/{key}',
  input: z.object({ organizationId, key: z.string().max(40) }),
  output: z.object({ key: z.string() }),
  needs: {
    permission: 'attribute.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['attribute.removed'],
  run: async (context, { organizationId, key }) => {
    const before = await lockDefinition(context.db, organizationId, key);
    if (!before) throw refuse('not-found');
    context.checkVersion(before.version);
    await removeDefinition(context.db, before.id);
    context.record({
      type: 'attribute.removed',
      targetKind: 'attribute',
      targetId: before.id,
      organizationId,
      path: context.target.path,
      before,
    });
    return { key };
  },
});
