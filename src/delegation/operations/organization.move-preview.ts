import { z } from 'zod';
import { requireAllBelow } from '../../directory/standing.ts';
import { readOrganization } from '../../directory/store.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { planMove } from '../moving-plan.ts';
import { movingReceipt, nothingMoved, receiptOf } from '../moving-receipt.ts';

export const organizationMovePreview = operation({
  name: 'organization.move-preview',
  summary:
    'Show what moving an organization would do: delegations given again or ended, and access that stops.',
  http: 'GET /organizations/{organizationId}/move-preview',
  input: z.object({
    organizationId: z.uuid(),
    parentId: z.uuid().describe('The organization below which it would stand.'),
  }),
  output: movingReceipt.extend({
    organizations: z.number().int().describe('How many go along, itself included.'),
    fingerprint: z
      .string()
      .describe('Send it with the move: if anything has changed by then, nothing is done.'),
  }),
  needs: {
    permission: 'organization.move',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, input) => {
    const row = (await readOrganization(context.db, input.organizationId))!;
    if (row.parentId === null) throw refuse('organization.root');
    await requireAllBelow(context, row.path, 'organization.move');
    const plan = await planMove(context, { ...row, parentId: row.parentId }, input.parentId);
    if (!plan) return { ...nothingMoved, organizations: 0, fingerprint: '' };
    const receipt = await receiptOf(context, { ...plan, top: row });
    return { ...receipt, organizations: plan.organizations, fingerprint: plan.fingerprint };
  },
});
