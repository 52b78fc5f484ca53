import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { checkSteps, policyFields, policyState, policyTarget, policyView, whoSaves } from '../policies.ts';
import { lockPolicy, readPolicy } from '../policy-store.ts';

export const approvalPolicyUpdate = operation({
  name: 'approval-policy.update',
  summary:
    'Change an approval policy; requests under way keep their steps, and take stricter ones of the new.',
  http: 'PATCH /approval-policies/{policyId}',
  input: z.object({
    policyId: z.uuid(),
    name: policyFields.name.optional(),
    applies: policyFields.applies.optional(),
    steps: policyFields.steps.optional(),
  }),
  output: policyView,
  needs: {
    permission: 'approval-policy.configure',
    target: (db, input) => policyTarget(db, input.policyId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['approval-policy.updated'],
  run: async (context, { policyId, ...input }) => {
    const { db, at, target } = context;
    const before = (await lockPolicy(db, policyId))!;
    context.checkVersion(before.version);
    if (before.state === 'retired') throw refuse('policy.retired');
    const after = { name: before.name, applies: before.applies, steps: before.steps, ...input };
    await checkSteps(context, after, before.applies);
    // Whose decision it is from now on: whoever changed it last (ruling 8).
    const by = whoSaves(context);
    const { rows } = await sql`
      update approval_policy p set name = ${after.name}, applies = ${JSON.stringify(after.applies)}::jsonb,
        steps = ${JSON.stringify(after.steps)}::jsonb, saved_by = ${by.userId}, saved_in = ${by.membershipId}, saved_under = ${by.under},
        changed_at = ${at}, version = version + 1
      where p.id = ${policyId} and not exists (select 1 from approval_policy other where other.organization_id = p.organization_id
        and lower(other.name) = lower(${after.name}) and other.id <> p.id and other.state = 'active')
      returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    const policy = (await readPolicy(db, policyId))!;
    context.record({
      type: 'approval-policy.updated',
      targetKind: 'approval-policy',
      targetId: policyId,
      organizationId: target.organizationId,
      path: target.path,
      before: policyState(before),
      after: policyState(policy),
      personal: { name: policy.name },
    });
    return policy;
  },
});
