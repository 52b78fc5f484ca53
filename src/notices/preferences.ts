import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { nextDaily, type Quiet } from './quiet.ts';

/** How somebody wants to hear of things. Whoever never said has a mail for each, at once. */
export type Preferences = {
  daily: boolean;
  /** the full hour of the daily mail, 0 to 23 */
  dailyHour: number;
  quiet: Quiet | undefined;
  /** in which their times are: one of their own choice, else that of the home organization */
  timeZone: string;
  homeTimeZone: string;
  ownTimeZone: string | null;
  /** when the next daily mail is due; null while none is wanted */
  nextAt: Date | null;
  version: number;
};

type Row = Omit<Preferences, 'quiet'> & { from: string | null; until: string | null };

export async function readPreferences(
  db: Kysely<DB>,
  userId: string,
  { lock = false } = {},
): Promise<Preferences | undefined> {
  const { rows } = await sql<Row>`
    select coalesce(p.daily, false) as daily, coalesce(p.daily_hour, 8) as "dailyHour", p.quiet_from as from, p.quiet_until as until,
      coalesce(p.time_zone, o.time_zone) as "timeZone", o.time_zone as "homeTimeZone", p.time_zone as "ownTimeZone", p.next_at as "nextAt", coalesce(p.version, 0) as version
    from app_user u join organization o on o.id = u.home_organization_id left join notice_preference p on p.user_id = u.id
    where u.id = ${userId} ${lock ? sql`for update of u` : sql``}`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { from, until, ...rest } = row;
  return { ...rest, quiet: from && until ? { from, until } : undefined };
}

/** Keeps them, with when the next daily mail is due by them. */
export async function writePreferences(
  db: Kysely<DB>,
  userId: string,
  wanted: Omit<Preferences, 'homeTimeZone' | 'nextAt' | 'version'>,
  at: Date,
): Promise<void> {
  const { daily, dailyHour, quiet, ownTimeZone, timeZone } = wanted;
  // Who wants none any more gets one last one at once, with what was kept for it.
  const nextAt = daily ? nextDaily(at, dailyHour, quiet, timeZone) : at;
  await sql`
    insert into notice_preference (user_id, daily, daily_hour, quiet_from, quiet_until, time_zone, next_at)
    values (${userId}, ${daily}, ${dailyHour}, ${quiet?.from ?? null}, ${quiet?.until ?? null}, ${ownTimeZone}, ${nextAt})
    on conflict (user_id) do update set daily = excluded.daily, daily_hour = excluded.daily_hour, quiet_from = excluded.quiet_from,
      quiet_until = excluded.quiet_until, time_zone = excluded.time_zone, next_at = excluded.next_at,
      version = notice_preference.version + 1`.execute(db);
}
