import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { sourceView } from '../sources/fields.ts';
import { listSources } from '../sources/store.ts';

export const sourceList = operation({
  name: 'source.list',
  summary: 'List directories whose people come in, and how they are.',
  http: 'GET /sources',
  input: z.object({
    organizationId: z.uuid().optional().describe('Only those of this organization.'),
    membershipId: z.uuid().optional().describe('Only those that this membership comes from.'),
  }),
  output: z.object({ items: z.array(sourceView) }),
  needs: { permission: 'source.configure', within: 'reach' },
  effect: 'reading',
  run: async ({ db, reach }, { organizationId, membershipId }) => ({
    items: await listSources(db, reach('source.configure'), reach('user.read'), {
      organizationId,
      membershipId,
    }),
  }),
});
