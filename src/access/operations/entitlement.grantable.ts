import { z } from 'zod';
import { loadCeilings } from '../../authority/holds.ts';
import { isAtOrBelow } from '../../authority/place.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget, organizationTarget } from '../../operation/targets.ts';
import { search } from '../fields.ts';
import { handOutBy } from '../hand-out.ts';
import { permitFor } from '../rules.ts';
import { wouldBreak, wouldBreakView } from '../separations.ts';
import { thingsInSight } from '../things.ts';

type Role = {
  entitlementId: string;
  name: string;
  description: string;
  wouldBreak?: z.infer<typeof wouldBreakView> | undefined;
};

export const entitlementGrantable = operation({
  name: 'entitlement.grantable',
  summary: 'Show what you may give in an organization, or to one person there.',
  http: 'GET /organizations/{organizationId}/grantable',
  input: z.object({
    organizationId: z.uuid(),
    membershipId: z.uuid().optional().describe('One person there, for whom more or less may be possible.'),
    everybody: z.boolean().default(false).describe('For everybody in the organization and below.'),
    toHandOut: z
      .boolean()
      .default(false)
      .describe(
        'Whole applications that you may let the organization hand out; what bounds it now is left aside.',
      ),
    search,
  }),
  output: z.object({
    applications: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        roles: z.array(
          z.object({
            entitlementId: z.uuid(),
            name: z.string(),
            description: z.string(),
            wouldBreak: wouldBreakView.optional(),
          }),
        ),
      }),
    ),
    accessRoles: z.array(
      z.object({
        accessRoleId: z.uuid(),
        name: z.string(),
        description: z.string(),
        contains: z.array(z.object({ applicationName: z.string(), name: z.string() })),
        wouldBreak: wouldBreakView.optional(),
      }),
    ),
  }),
  needs: {
    permission: 'access.grant',
    target: async (db, input) => {
      if (!input.membershipId) return organizationTarget(db, input.organizationId);
      const target = await membershipTarget(db, input.membershipId);
      return target?.organizationId === input.organizationId ? target : undefined;
    },
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: async (context, input) => {
    const { target, facts } = context;
    const reach = context.reach('application.read');
    const things = await thingsInSight(context.db, target.path, { search: input.search, reach });
    const ceilings = await loadCeilings(context.db, [target.path]);
    const mayHandOut = input.toHandOut ? await handOutBy(context.db, facts, target) : undefined;
    const below = input.everybody && !input.membershipId;
    const mayGive = things.filter(({ kind, path, entitlements, application }) =>
      mayHandOut
        ? application !== undefined && mayHandOut(application.id)
        : entitlements.length > 0 &&
          (kind === 'entitlement' || isAtOrBelow(target.path, path)) &&
          entitlements.every((one) => ceilings.allows(target.path, one).allowed) &&
          permitFor(facts, { permissions: ['access.grant'], entitlements, below }, target) !== undefined,
    );
    const broken = input.membershipId
      ? await wouldBreak(context, input.membershipId, mayGive)
      : new Map<string, never>();
    const applications = new Map<string, { id: string; name: string; roles: Role[] }>();
    for (const { id, name, description, application } of mayGive) {
      if (!application) continue;
      const entry = applications.get(application.id) ?? {
        id: application.id,
        name: application.name,
        roles: [],
      };
      entry.roles.push({ entitlementId: id, name, description, wouldBreak: broken.get(id) });
      applications.set(application.id, entry);
    }
    return {
      applications: [...applications.values()],
      accessRoles: mayGive
        .filter(({ kind }) => kind === 'access-role')
        .map(({ id, name, description, entitlements }) => ({
          accessRoleId: id,
          name,
          description,
          contains: entitlements,
          wouldBreak: broken.get(id),
        })),
    };
  },
});
