import { datedBy } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { appoint, periodFor, prepare, toLimit } from '../appoint.ts';
import { chosenRole, newDelegationInput, readDelegate, readScope } from '../new-delegation.ts';
import { delegationView, viewDelegations } from '../view.ts';

export const delegationCreate = operation({
  name: 'delegation.create',
  summary: 'Appoint a manager, or decide what an organization may hand out',
  http: 'POST /delegations',
  input: newDelegationInput,
  output: delegationView,
  needs: {
    permission: 'delegation.create',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  previews: true,
  events: ['delegation.created'],
  run: async (context, input) => {
    const { delegate, delegateTarget } = await readDelegate(context, input);
    const prepared = await prepare(context, {
      target: context.target,
      below: input.below,
      ...(await readScope(context, input)),
      delegate,
      delegateTarget,
      adminRoleId: chosenRole(input),
      permissions: input.permissions,
      entitlements: toLimit(input.entitlements),
      ...(await periodFor(context, datedBy(input))),
      mayPassOn: input.mayPassOn ?? (delegate.kind === 'organization' ? 'same' : 0),
      seats: input.seats,
      reason: input.reason,
    });
    const state = await appoint(context, prepared);
    return (await viewDelegations(context.db, context.facts, [state.id]))[0]!;
  },
});
