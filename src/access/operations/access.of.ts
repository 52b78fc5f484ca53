import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { accessItem, effectiveAccess } from '../effective.ts';
import { permitFor } from '../rules.ts';

export const accessOf = operation({
  name: 'access.of',
  summary: 'Show what a person has, where it comes from, and whether it is in force.',
  http: 'GET /memberships/{membershipId}/access',
  input: z.object({ membershipId: z.uuid() }),
  output: z.object({
    items: z.array(accessItem.extend({ mayEnd: z.boolean().describe('You may take it away.') })),
  }),
  needs: {
    permission: 'access.read',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: async (context, { membershipId }) => {
    const items = await effectiveAccess(
      context.db,
      { membershipIds: [membershipId] },
      { people: context.reach('user.read'), organizations: context.reach('organization.read') },
    );
    const me = context.actor.kind === 'user' ? context.actor.userId : undefined;
    const mayEnd = (assignmentId: string): boolean => {
      const entitlements = items
        .filter((item) => item.assignmentId === assignmentId)
        .map((item) => ({ id: item.entitlementId, applicationId: item.applicationId }));
      const act = { permissions: ['access.end'] as const, entitlements, below: false };
      return permitFor(context.facts, act, context.target) !== undefined;
    };
    // What comes by the organization is taken there, and nobody takes or gives their own.
    const own = context.target.userId === me;
    return {
      items: items.map((item) => ({
        ...item,
        mayEnd: !own && item.source.kind !== 'organization' && mayEnd(item.assignmentId),
      })),
    };
  },
});
