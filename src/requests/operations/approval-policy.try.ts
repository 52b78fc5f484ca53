import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { policyFields, policyTarget, requireKnown } from '../policies.ts';
import { readPolicy } from '../policy-store.ts';
import { readRequest, targetOf } from '../store.ts';
import { trial, tryOn } from '../try.ts';

export const approvalPolicyTry = operation({
  name: 'approval-policy.try',
  summary: 'See what a policy, saved or not yet, would do to a request that was made; nothing is changed.',
  http: 'POST /approval-policies/try',
  input: z.object({
    organizationId: z.uuid().describe('Where the policy stands, or would stand.'),
    policyId: z.uuid().optional().describe('The saved one that it would replace.'),
    applies: policyFields.applies,
    steps: policyFields.steps,
    requestId: z.uuid().describe('An open or a past request whose person you see.'),
  }),
  output: trial,
  needs: {
    permission: 'approval-policy.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, { policyId, applies, steps, requestId }) => {
    const { db } = context;
    if (policyId)
      context.require('approval-policy.configure', await policyTarget(db, policyId), 'organization.read');
    const saved = policyId ? await readPolicy(db, policyId) : undefined;
    await requireKnown(context, { applies, steps }, saved?.applies);
    const row = await readRequest(db, requestId);
    if (!row || context.decide('access.read', targetOf(row)).effect === 'deny') throw refuse('not-found');
    return tryOn(context, { policyId, applies, steps }, row);
  },
});
