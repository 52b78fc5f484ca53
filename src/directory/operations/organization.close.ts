import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { closingEvents, endAllIn } from '../closing.ts';
import { organizationId, organizationState } from '../fields.ts';
import { changeState, lockToSwitchOff } from '../standing.ts';

export const organizationClose = operation({
  name: 'organization.close',
  summary: 'Close an organization and those below, for good for everybody and everything in them.',
  http: 'POST /organizations/{organizationId}/close',
  input: z.object({ organizationId }),
  output: z.object({ id: z.uuid(), state: organizationState, version: z.number().int() }),
  needs: {
    permission: 'organization.close',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'ending',
  previews: true,
  events: closingEvents,
  run: async (context) => {
    const row = await lockToSwitchOff(context, 'organization.close');
    if (row.state !== 'active' && row.state !== 'suspended') {
      context.nothingChanged();
      return row;
    }
    await endAllIn(context, row);
    return changeState(context, row, 'closed', 'organization.closed');
  },
});
