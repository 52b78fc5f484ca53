import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { accessRow, effectiveAccess } from '../effective.ts';

export const accessOf = operation({
  name: 'access.of',
  summary: 'Show what a person has, where it comes from, and whether it is in force.',
  http: 'GET /memberships/{membershipId}/access',
  input: z.object({ membershipId: z.uuid() }),
  output: z.object({ items: z.array(accessRow) }),
  needs: {
    permission: 'access.read',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: async (context, { membershipId }) => ({
    items: await effectiveAccess(
      context.db,
      { membershipIds: [membershipId] },
      { people: context.reach('user.read'), organizations: context.reach('organization.read') },
    ),
  }),
});
