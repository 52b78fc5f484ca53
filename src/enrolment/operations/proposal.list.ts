import { z } from 'zod';
import { selvesOf } from '../../authority/self.ts';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { listProposals, mayBeSettled, proposalView } from '../sources/proposal-list.ts';

export const proposalList = operation({
  name: 'proposal.list',
  summary: 'List people who are not in their directory any more, or switched off there: somebody decides.',
  http: 'GET /proposals',
  input: z.object({
    sourceId: z.uuid().optional().describe('Only those of this source.'),
    organizationId: z.uuid().optional().describe('Only people of this organization.'),
    ...pageInput,
  }),
  output: pageOf(proposalView),
  needs: { permission: 'membership.end', within: 'reach' },
  effect: 'reading',
  run: async ({ db, reach, facts }, { sourceId, organizationId, cursor, limit }) =>
    listProposals(
      db,
      mayBeSettled(reach('membership.end'), reach('user.read'), selvesOf(facts)),
      { sourceId, organizationId },
      { cursor, limit },
    ),
});
