import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { type Calendar, usualCalendar } from './working-time.ts';

/** When the organization works: its own hours or the nearest above, in its own time zone. */
export async function calendarOf(db: Kysely<DB>, path: string): Promise<Calendar> {
  const { rows } = await sql<Calendar>`
    select o.time_zone as "timeZone", coalesce(c.days, ${usualCalendar.days}::int[]) as days,
      coalesce(c.opens, ${usualCalendar.from}) as "from", coalesce(c.closes, ${usualCalendar.until}) as until,
      coalesce(array(select to_char(h, 'YYYY-MM-DD') from unnest(c.holidays) h), '{}') as holidays
    from organization o left join lateral (
      select k.* from calendar k join organization a on a.id = k.organization_id
      where a.path = any (path_ancestors(o.path)) order by length(a.path) desc limit 1) c on true
    where o.path = ${path}`.execute(db);
  return rows[0] ?? usualCalendar;
}
