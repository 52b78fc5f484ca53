import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { entitlementTarget } from '../applications.ts';

export const entitlementRetire = operation({
  name: 'entitlement.retire',
  summary: 'Retire a role of an application: nobody has it any more.',
  http: 'POST /entitlements/{entitlementId}/retire',
  input: z.object({ entitlementId: z.uuid() }),
  output: z.object({ entitlementId: z.uuid(), state: z.enum(['active', 'retired']) }),
  needs: {
    permission: 'application.configure',
    target: (db, input) => entitlementTarget(db, input.entitlementId),
    visibleBy: 'application.read',
  },
  effect: 'ending',
  previews: true,
  events: ['entitlement.retired'],
  run: async (context, { entitlementId }) => {
    const { rows } = await sql<{ applicationId: string; key: string; name: string }>`
      update entitlement set state = 'retired', version = version + 1 where id = ${entitlementId} and state = 'active'
      returning application_id as "applicationId", key, name`.execute(context.db);
    const [role] = rows;
    if (!role) context.nothingChanged();
    else
      context.record({
        type: 'entitlement.retired',
        targetKind: 'entitlement',
        targetId: entitlementId,
        organizationId: context.target.organizationId,
        path: context.target.path,
        before: { id: entitlementId, ...role, state: 'active' },
        after: { id: entitlementId, ...role, state: 'retired' },
      });
    return { entitlementId, state: 'retired' as const };
  },
});
