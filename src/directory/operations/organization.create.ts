import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { description, name, organizationId, timeZone } from '../fields.ts';
import { addOrganization, organizationState } from '../store.ts';

export const organizationCreate = operation({
  name: 'organization.create',
  summary: 'Make an organization below another.',
  http: 'POST /organizations',
  input: z.object({
    parentId: organizationId.describe('The organization it stands below.'),
    name,
    description: description.optional(),
    timeZone: timeZone.optional().describe('The parent’s when absent.'),
  }),
  output: z.object({ id: z.uuid(), name: z.string(), version: z.number().int() }),
  needs: {
    permission: 'organization.create',
    target: (db, input) => organizationTarget(db, input.parentId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['organization.created'],
  run: async (context, input) => {
    if (context.target.off) throw refuse('organization.off');
    const row = await addOrganization(context.db, input);
    context.record({
      type: 'organization.created',
      targetKind: 'organization',
      targetId: row.id,
      organizationId: row.id,
      path: row.path,
      after: organizationState(row),
      personal: { name: row.name, description: row.description },
    });
    return row;
  },
});
