import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { hangNow, hangView, policyView } from '../policies.ts';
import { namesIn } from '../policy-names.ts';
import { policiesAt } from '../policy-store.ts';

const mostLookedAt = 30;

export const approvalPolicyList = operation({
  name: 'approval-policy.list',
  summary: 'List the approval policies in force at an organization, the nearest first.',
  http: 'GET /approval-policies',
  input: z.object({ organizationId: z.uuid() }),
  output: z.object({
    items: z.array(policyView.extend({ hangs: hangView })),
    names: z
      .record(z.uuid(), z.string())
      .describe('What is named in them is called so, where you may see it.'),
    above: z.number().int().describe('Policies from above whose details are not shown here.'),
  }),
  needs: {
    permission: 'approval-policy.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context) => {
    const { db, target, decide } = context;
    const all = await policiesAt(db, target.path);
    const items = all.filter(
      ({ id, organizationId, path }) =>
        decide('approval-policy.configure', { kind: 'approval-policy', id, organizationId, path, off: false })
          .effect === 'permit',
    );
    const shown = [];
    // Bounded (I59): the nearest are looked at.
    for (const [index, item] of items.entries())
      shown.push({ ...item, hangs: index < mostLookedAt ? await hangNow(context, item) : null });
    return { items: shown, names: await namesIn(context, items), above: all.length - items.length };
  },
});
