import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { policyView } from '../policies.ts';
import { policiesAt } from '../policy-store.ts';

export const approvalPolicyList = operation({
  name: 'approval-policy.list',
  summary: 'List the approval policies in force at an organization, the nearest first.',
  http: 'GET /approval-policies',
  input: z.object({ organizationId: z.uuid() }),
  output: z.object({
    items: z.array(policyView),
    above: z.number().int().describe('Policies from above whose details are not shown here.'),
  }),
  needs: {
    permission: 'approval-policy.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async ({ db, target, decide }) => {
    const all = await policiesAt(db, target.path);
    const items = all.filter(
      ({ id, organizationId, path }) =>
        decide('approval-policy.configure', { kind: 'approval-policy', id, organizationId, path, off: false })
          .effect === 'permit',
    );
    return { items, above: all.length - items.length };
  },
});
