import { z } from 'zod';
import { permissionWords } from '../../authority/words.ts';
import { datedBy } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { periodFor, prepare, toLimit } from '../appoint.ts';
import { chosenRole, newDelegationInput, readDelegate, readScope } from '../new-delegation.ts';
import { sentenceForProposal } from '../view.ts';

export const delegationPreview = operation({
  name: 'delegation.preview',
  summary: 'Read back in words what a new delegation would give, without making it',
  http: 'POST /delegations/preview',
  input: newDelegationInput,
  output: z.object({
    sentence: z.string(),
    permissionWords: z.array(z.string()),
    mayPassOn: z.number().int(),
    from: z.string().nullable(),
    until: z.string().nullable(),
  }),
  needs: {
    permission: 'delegation.create',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, input) => {
    const { delegate, delegateTarget } = await readDelegate(context, input);
    const { proposal } = await prepare(context, {
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
    });
    const words = await sentenceForProposal(context.db, delegate, chosenRole(input), {
      ...proposal,
      seats: input.seats,
    });
    return {
      ...words,
      permissionWords: proposal.permissions.map(permissionWords),
      mayPassOn: proposal.mayPassOn,
    };
  },
});
