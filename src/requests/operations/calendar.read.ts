import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { calendarView, readCalendar } from '../calendar.ts';

export const calendarRead = operation({
  name: 'calendar.read',
  summary: 'Show when an organization works: its own hours, or those of the nearest above.',
  http: 'GET /organizations/{organizationId}/calendar',
  input: z.object({ organizationId: z.uuid() }),
  output: calendarView,
  needs: {
    permission: 'approval-policy.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async ({ db, target }, { organizationId }) => ({
    organizationId,
    ...(await readCalendar(db, target.path)),
  }),
});
