import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { invalid } from '../../platform/problems.ts';
import { type CalendarRow, calendarView, hours, readCalendar } from '../calendar.ts';

/**
 * Requests under way are reckoned anew with it when they are next looked at, and none lasts beyond the deadline that it
 * was given when it was asked: whoever sets the hours cannot make a request wait for ever (I30).
 */
export const calendarUpdate = operation({
  name: 'calendar.update',
  summary: 'Set when an organization works, for it and those below without hours of their own.',
  http: 'PATCH /organizations/{organizationId}/calendar',
  input: z.object({
    organizationId: z.uuid(),
    hours: hours.nullable().describe('null: as the nearest organization above.'),
  }),
  output: calendarView,
  needs: {
    permission: 'approval-policy.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['calendar.updated'],
  run: async (context, { organizationId, hours }) => {
    const { db, target } = context;
    if (hours && hours.from >= hours.until) throw invalid('until', 'work-ends-after');
    await sql`select 1 from organization where id = ${organizationId} for no key update`.execute(db);
    const before = await readCalendar(db, target.path);
    context.checkVersion(before.version);
    if (hours) {
      await sql`
        insert into calendar (organization_id, days, opens, closes, holidays)
        values (${organizationId}, ${inOrder(hours.days)}::int[], ${hours.from}, ${hours.until}, ${inOrder(hours.holidays)}::date[])
        on conflict (organization_id) do update set days = excluded.days, opens = excluded.opens, closes = excluded.closes,
          holidays = excluded.holidays, version = calendar.version + 1
        where (calendar.days, calendar.opens, calendar.closes, calendar.holidays)
          is distinct from (excluded.days, excluded.opens, excluded.closes, excluded.holidays)`.execute(db);
    } else await sql`delete from calendar where organization_id = ${organizationId}`.execute(db);
    const after = await readCalendar(db, target.path);
    if (after.own === before.own && after.version === before.version) context.nothingChanged();
    else
      context.record({
        type: 'calendar.updated',
        targetKind: 'calendar',
        targetId: organizationId,
        organizationId,
        path: target.path,
        before: stateOf(before),
        after: stateOf(after),
      });
    return { organizationId, ...after };
  },
});

const inOrder = <T extends string | number>(values: readonly T[]): T[] => [...new Set(values)].sort();

/** Its own hours; null where those of a level above count. */
const stateOf = ({ own, ...row }: CalendarRow): Record<string, unknown> | null => (own ? row : null);
