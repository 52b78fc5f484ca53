import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { checkSteps, policyFields, policyState, policyView, whoSaves } from '../policies.ts';
import { readPolicy } from '../policy-store.ts';

export const approvalPolicyCreate = operation({
  name: 'approval-policy.create',
  summary: 'Say who approves what people ask for at an organization and below, step by step.',
  http: 'POST /approval-policies',
  input: z.object({ organizationId: z.uuid(), ...policyFields }),
  output: policyView,
  needs: {
    permission: 'approval-policy.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['approval-policy.created'],
  run: async (context, { organizationId, name, applies, steps }) => {
    const { db, at, target } = context;
    await checkSteps(context, { applies, steps });
    const id = newId(at.getTime());
    const by = whoSaves(context);
    const { rows } = await sql`
      insert into approval_policy (id, organization_id, name, applies, steps, saved_by, saved_in, saved_under)
      values (${id}, ${organizationId}, ${name}, ${JSON.stringify(applies)}::jsonb, ${JSON.stringify(steps)}::jsonb,
        ${by.userId}, ${by.membershipId}, ${by.under})
      on conflict do nothing returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    const policy = (await readPolicy(db, id))!;
    context.record({
      type: 'approval-policy.created',
      targetKind: 'approval-policy',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: policyState(policy),
      personal: { name },
    });
    return policy;
  },
});
