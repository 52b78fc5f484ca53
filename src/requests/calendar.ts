import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { calendarDay } from '../platform/dates.ts';
import { saying } from '../platform/problems.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type Calendar, usualCalendar } from './working-time.ts';

/** When the organization works: its own hours or the nearest above, in its own time zone. */
export async function calendarOf(db: Kysely<DB>, path: string): Promise<Calendar> {
  const { timeZone, days, from, until, holidays } = await readCalendar(db, path);
  return { timeZone, days, from, until, holidays };
}

export type CalendarRow = Omit<Calendar, 'days' | 'holidays'> & {
  days: number[];
  holidays: string[];
  /** its own; otherwise those of the nearest above, or the usual */
  own: boolean;
  version: number;
};

export async function readCalendar(db: Kysely<DB>, path: string): Promise<CalendarRow> {
  const { rows } = await sql<CalendarRow>`
    select o.time_zone as "timeZone", coalesce(c.days, ${usualCalendar.days}::int[]) as days,
      coalesce(c.opens, ${usualCalendar.from}) as "from", coalesce(c.closes, ${usualCalendar.until}) as until,
      coalesce(array(select to_char(h, 'YYYY-MM-DD') from unnest(c.holidays) h), '{}') as holidays,
      coalesce(c.organization_id = o.id, false) as own, case when c.organization_id = o.id then c.version else 0 end as version
    from organization o left join lateral (
      select k.* from calendar k join organization a on a.id = k.organization_id
      where a.path = any (path_ancestors(o.path)) order by length(a.path) desc limit 1) c on true
    where o.path = ${path}`.execute(db);
  const { days, holidays } = usualCalendar;
  return rows[0] ?? { ...usualCalendar, days: [...days], holidays: [...holidays], own: false, version: 0 };
}

const timeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, saying('time-of-day'));

/** Working days, hours and days off, as operations take them. */
export const hours = z
  .object({
    days: z
      .array(z.number().int().min(1).max(7))
      .min(1)
      .max(7)
      .describe('Days on which it works: 1 Monday to 7 Sunday.'),
    from: timeOfDay.describe('When work begins, in the organization’s own time zone.'),
    until: timeOfDay.describe('When work ends.'),
    holidays: z.array(calendarDay).max(500).default([]).describe('Days off, such as 2026-12-25.'),
  })
  .strict();

export const calendarView = z.object({
  organizationId: z.uuid(),
  own: z.boolean().describe('These are its own; otherwise they are those of a level above, or the usual.'),
  timeZone: z.string(),
  days: z.array(z.number().int()),
  from: z.string(),
  until: z.string(),
  holidays: z.array(z.string()),
  version: z.number().int(),
});
