import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { addRoles, applicationTarget, readApplication } from '../applications.ts';
import { newRole } from '../fields.ts';
import { riskClass } from '../risk.ts';

export const applicationAddRole = operation({
  name: 'application.add-role',
  summary: 'Add a role to an application.',
  http: 'POST /applications/{applicationId}/roles',
  input: newRole.extend({ applicationId: z.uuid() }),
  output: z.object({
    entitlementId: z.uuid(),
    key: z.string(),
    name: z.string(),
    description: z.string(),
    risk: riskClass,
  }),
  needs: {
    permission: 'application.configure',
    target: (db, input) => applicationTarget(db, input.applicationId),
    visibleBy: 'application.read',
  },
  effect: 'changing',
  events: ['entitlement.created'],
  run: async (context, { applicationId, ...role }) => {
    const application = (await readApplication(context.db, applicationId))!;
    if (application.state === 'retired') throw refuse('entitlement.retired');
    const [added] = await addRoles(context.db, applicationId, [role]);
    if (!added) throw refuse('application.key-taken', { key: role.key });
    context.record({
      type: 'entitlement.created',
      targetKind: 'entitlement',
      targetId: added.id,
      organizationId: context.target.organizationId,
      path: context.target.path,
      after: { ...added, applicationId, state: 'active' },
    });
    const { id, ...shown } = added;
    return { entitlementId: id, ...shown };
  },
});
