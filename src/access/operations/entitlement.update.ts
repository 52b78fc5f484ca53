import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { entitlementTarget } from '../applications.ts';
import { description, label } from '../fields.ts';
import { type RiskClass, riskClass } from '../risk.ts';

type Row = {
  id: string;
  applicationId: string;
  key: string;
  name: string;
  description: string;
  risk: RiskClass;
  state: 'active' | 'retired';
};

export const entitlementUpdate = operation({
  name: 'entitlement.update',
  summary: 'Change a role’s name, description or risk; what was asked for already follows the stricter.',
  http: 'PATCH /entitlements/{entitlementId}',
  input: z.object({
    entitlementId: z.uuid(),
    name: label.optional(),
    description: description.optional(),
    risk: riskClass.optional(),
  }),
  output: z.object({
    entitlementId: z.uuid(),
    key: z.string(),
    name: z.string(),
    description: z.string(),
    risk: riskClass,
    state: z.enum(['active', 'retired']),
  }),
  needs: {
    permission: 'application.configure',
    target: (db, input) => entitlementTarget(db, input.entitlementId),
    visibleBy: 'application.read',
  },
  effect: 'changing',
  events: ['entitlement.updated'],
  run: async (context, { entitlementId, ...input }) => {
    const { rows } = await sql<Row>`
      select id, application_id as "applicationId", key, name, description, risk, state
      from entitlement where id = ${entitlementId} for update`.execute(context.db);
    const before = rows[0]!;
    if (before.state === 'retired') throw refuse('entitlement.retired');
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    const after: Row = { ...before, ...given };
    const { id, applicationId: _, ...shown } = after;
    if (JSON.stringify(after) === JSON.stringify(before)) {
      context.nothingChanged();
      return { entitlementId: id, ...shown };
    }
    await sql`
      update entitlement set name = ${after.name}, description = ${after.description}, risk = ${after.risk},
        version = version + 1 where id = ${entitlementId}`.execute(context.db);
    context.record({
      type: 'entitlement.updated',
      targetKind: 'entitlement',
      targetId: entitlementId,
      organizationId: context.target.organizationId,
      path: context.target.path,
      before,
      after,
    });
    return { entitlementId: id, ...shown };
  },
});
