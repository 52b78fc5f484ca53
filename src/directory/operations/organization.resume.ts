import { z } from 'zod';
import { requireMayLift } from '../../operation/lifted.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { organizationId, organizationState } from '../fields.ts';
import { changeState } from '../standing.ts';
import { lockOrganizationToChange } from '../store.ts';

export const organizationResume = operation({
  name: 'organization.resume',
  summary:
    'Open an organization again. After a suspension everything is as before; after closing it is empty.',
  http: 'POST /organizations/{organizationId}/resume',
  input: z.object({ organizationId }),
  output: z.object({ id: z.uuid(), state: organizationState, version: z.number().int() }),
  needs: {
    permission: 'organization.suspend',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  previews: true,
  events: ['organization.resumed'],
  run: async (context) => {
    const row = await lockOrganizationToChange(context.db, context.target.organizationId);
    context.checkVersion(row.version);
    if (row.state === 'active') {
      context.nothingChanged();
      return row;
    }
    const { because } =
      row.state === 'closed'
        ? // Whoever reopens what was closed could have closed it.
          context.require('organization.close', context.target, 'organization.read')
        : context.permit;
    await requireMayLift(context, row.id, `organization.${row.state}`, because);
    return changeState(context, row, 'active', 'organization.resumed');
  },
});
