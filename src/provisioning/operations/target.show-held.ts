import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { countHeld, heldView, listHeld } from '../targets/held.ts';
import { provisioningTargetId } from '../targets/target-fields.ts';
import { provisioningTarget } from '../targets/target-view.ts';

export const targetShowHeld = operation({
  name: 'target.show-held',
  summary:
    'Show which values of accounts at a connected system wait for somebody to agree: of whom, and what.',
  http: 'GET /targets/{provisioningTargetId}/held',
  input: z.object({ provisioningTargetId, ...pageInput }),
  output: pageOf(heldView).extend({
    count: z.number().int().describe('Accounts that wait, those out of your sight too.'),
    at: z.string().nullable().describe('Until when this is all: to be said again by whoever agrees to it.'),
    fields: z
      .array(z.object({ label: z.string(), count: z.number().int() }))
      .describe('Which values would change in how many accounts, as far as it is known.'),
  }),
  needs: {
    permission: 'target.read',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'reading',
  run: async (context, { provisioningTargetId: id, ...page }) => ({
    ...(await countHeld(context.db, id)),
    ...(await listHeld(context, id, page)),
  }),
});
