import { z } from 'zod';
import { flag, search } from '../../directory/fields.ts';
import { narrowTo } from '../../directory/rules.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { refuse } from '../../platform/refusals.ts';
import { invitationView, listInvitations, listStates } from '../view.ts';

export const invitationList = operation({
  name: 'invitation.list',
  summary: 'List invitations, newest first.',
  http: 'GET /invitations',
  input: z.object({
    organizationId: z.uuid().optional().describe('Only those to this organization'),
    below: flag.default(true).describe('and those below it.'),
    state: z.enum(listStates).default('open'),
    search,
    ...pageInput,
  }),
  output: pageOf(invitationView),
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => {
    const people = context.reach('user.read');
    let reach = people;
    if (input.organizationId) {
      const place = await organizationTarget(context.db, input.organizationId);
      // One above the reach is answered as one that does not exist, though it has places in reach below it (I08).
      if (!place || context.decide('user.read', place).effect === 'deny') throw refuse('not-found');
      reach = narrowTo(reach, { id: input.organizationId, path: place.path, below: input.below });
    }
    return listInvitations(
      context.db,
      { ...input, reach, people },
      { ...input, cursor: input.cursor, at: context.at },
    );
  },
});
