import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { policyState, policyTarget, policyView } from '../policies.ts';
import { lockPolicy, readPolicy } from '../policy-store.ts';

export const approvalPolicyRetire = operation({
  name: 'approval-policy.retire',
  summary: 'Retire an approval policy; requests under way keep its steps.',
  http: 'POST /approval-policies/{policyId}/retire',
  input: z.object({ policyId: z.uuid() }),
  output: policyView,
  needs: {
    permission: 'approval-policy.configure',
    target: (db, input) => policyTarget(db, input.policyId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['approval-policy.retired'],
  run: async (context, { policyId }) => {
    const { db, at, target } = context;
    const before = (await lockPolicy(db, policyId))!;
    context.checkVersion(before.version);
    if (before.state === 'retired') {
      context.nothingChanged();
      return before;
    }
    await sql`
      update approval_policy set state = 'retired', changed_at = ${at}, version = version + 1 where id = ${policyId}`.execute(
      db,
    );
    const policy = (await readPolicy(db, policyId))!;
    context.record({
      type: 'approval-policy.retired',
      targetKind: 'approval-policy',
      targetId: policyId,
      organizationId: target.organizationId,
      path: target.path,
      before: policyState(before),
      after: policyState(policy),
    });
    return policy;
  },
});
