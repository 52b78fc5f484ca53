import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { organizationId, organizationState } from '../fields.ts';
import { requireOtherManagersOutside } from '../last-manager.ts';
import { changeState, lockToSwitchOff } from '../standing.ts';

export const organizationSuspend = operation({
  name: 'organization.suspend',
  summary: 'Suspend an organization and those below: nothing ends, and nothing can be used until resumed.',
  http: 'POST /organizations/{organizationId}/suspend',
  input: z.object({ organizationId }),
  output: z.object({ id: z.uuid(), state: organizationState, version: z.number().int() }),
  needs: {
    permission: 'organization.suspend',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'ending',
  previews: true,
  events: ['organization.suspended'],
  run: async (context) => {
    const row = await lockToSwitchOff(context, 'organization.suspend');
    await requireOtherManagersOutside(context, row.path);
    if (row.state !== 'active') {
      context.nothingChanged();
      return row;
    }
    return changeState(context, row, 'suspended', 'organization.suspended');
  },
});
