import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { description, name, organizationId, timeZone } from '../fields.ts';
import { makeOrganization } from '../make-organization.ts';

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
  run: makeOrganization,
});
