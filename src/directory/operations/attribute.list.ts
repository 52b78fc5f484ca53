import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { definitionsAt } from '../attribute-store.ts';
import { attributeKinds, changedBys, seenBys } from '../attributes.ts';
import { organizationId } from '../fields.ts';

export const attributeList = operation({
  name: 'attribute.list',
  summary: 'List the fields that people of an organization have, its own and those from above.',
  http: 'GET /organizations/{organizationId}/attributes',
  input: z.object({ organizationId }),
  output: z.object({
    items: z.array(
      z.object({
        key: z.string(),
        label: z.string(),
        kind: z.enum(attributeKinds),
        choices: z.array(z.string()),
        required: z.boolean(),
        seenBy: z.enum(seenBys),
        changedBy: z.enum(changedBys),
        claim: z.boolean(),
        inherited: z.boolean().describe('Defined by an organization above; change it there.'),
        version: z.number().int(),
      }),
    ),
  }),
  needs: {
    permission: 'organization.read',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context) => ({ items: await definitionsAt(context.db, context.target.path) }),
});
