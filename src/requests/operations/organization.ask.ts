import { z } from 'zod';
import { reason } from '../../access/fields.ts';
import { description, name, organizationId } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { askEvents, asked, askedView } from '../ask.ts';
import { wantedOrganization } from '../kinds/organization.ts';

export const organizationAsk = operation({
  name: 'organization.ask',
  summary: 'Ask for a new organization below one that you belong to or see.',
  http: 'POST /organizations/{parentId}/organization-requests',
  input: z.object({
    parentId: organizationId.describe('The organization it will stand below.'),
    name,
    description: description.default(''),
    reason: reason.default(''),
  }),
  output: askedView,
  needs: 'self',
  effect: 'changing',
  events: askEvents,
  run: async (context, input) => asked(context, await wantedOrganization(context, input)),
});
