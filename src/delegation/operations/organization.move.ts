import { z } from 'zod';
import { lockToSwitchOff } from '../../directory/standing.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { movingEvents } from '../moving-apply.ts';
import { carryOut } from '../moving-carry-out.ts';
import { planMove } from '../moving-plan.ts';
import { movingReceipt, nothingMoved, receiptOf } from '../moving-receipt.ts';

export const organizationMove = operation({
  name: 'organization.move',
  summary: 'Put an organization, with everything below it, below another one.',
  http: 'POST /organizations/{organizationId}/move',
  input: z.object({
    organizationId: z.uuid(),
    parentId: z.uuid().describe('The organization below which it stands from now on.'),
    fingerprint: z
      .string()
      .max(100)
      .optional()
      .describe('Of the preview that you looked at: if anything has changed since, nothing is done.'),
  }),
  output: movingReceipt.extend({
    id: z.uuid(),
    organizations: z.number().int().describe('How many went, itself included.'),
    version: z.number().int(),
  }),
  needs: {
    permission: 'organization.move',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  // Exclusive: no path may be copied while it changes, and nobody may give from a link that crosses.
  effect: 'ending',
  previews: true,
  events: [...movingEvents, 'organization.moved'],
  run: async (context, input) => {
    const row = await lockToSwitchOff(context, 'organization.move');
    const plan = await planMove(context, { ...row, parentId: row.parentId! }, input.parentId);
    if (!plan) {
      context.nothingChanged();
      return { ...nothingMoved, id: row.id, organizations: 0, version: row.version };
    }
    if (input.fingerprint !== undefined && input.fingerprint !== plan.fingerprint)
      throw refuse('organization.preview-stale');
    const receipt = await receiptOf(context, { ...plan, top: row });
    const after = await carryOut(context, row, plan);
    return { ...receipt, id: row.id, organizations: plan.organizations, version: after.version };
  },
});
