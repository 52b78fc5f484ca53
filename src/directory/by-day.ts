import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { calendarDay } from '../platform/dates.ts';
import { invalid } from '../platform/problems.ts';
import type { DB } from '../platform/schema.gen.ts';
import { endOfDay, startOfDay } from './days.ts';

/** Fields of a period by days, beside `from` and `until` by instants; a side is said in one of the two ways. */
export const firstDay = calendarDay.describe(
  'Instead of `from`: from midnight at the start of this day, in the time zone of the organization.',
);
export const lastDay = calendarDay.describe(
  'Instead of `until`: to midnight at the end of this day, in the time zone of the organization.',
);
export const byDay = { firstDay: firstDay.optional(), lastDay: lastDay.optional() };

export type Days = { firstDay?: string | null | undefined; lastDay?: string | null | undefined };
/** A period with the days that somebody chose, where they chose days. */
export type Dated = Days & { from?: Date | undefined; until?: Date | undefined };

/**
 * A period as it was written, read in no zone yet.
 * @throws Refusal `input.invalid` where one side of it is said twice
 */
export function datedBy(input: Days & { from?: string | undefined; until?: string | undefined }): Dated {
  if (input.from && input.firstDay) throw invalid('firstDay', 'one-of', { fields: 'from, firstDay' });
  if (input.until && input.lastDay) throw invalid('lastDay', 'one-of', { fields: 'until, lastDay' });
  return {
    from: input.from ? new Date(input.from) : undefined,
    until: input.until ? new Date(input.until) : undefined,
    firstDay: input.firstDay,
    lastDay: input.lastDay,
  };
}

/** The instants that chosen days mean in a time zone; an instant that was chosen stays. */
export const readIn = (dated: Dated, timeZone: string): Dated => ({
  ...dated,
  from: dated.from ?? (dated.firstDay ? startOfDay(dated.firstDay, timeZone) : undefined),
  until: dated.until ?? (dated.lastDay ? endOfDay(dated.lastDay, timeZone) : undefined),
});

/**
 * The days to keep with a period: those that it begins and ends by. Where something above begins it later or ends it
 * earlier, the day would promise what is not there.
 */
export const daysKept = (
  dated: Days,
  { startsAt, endsAt }: { startsAt: Date; endsAt: Date },
  timeZone: string,
): { firstDay: string | null; lastDay: string | null } => ({
  firstDay:
    dated.firstDay && startOfDay(dated.firstDay, timeZone).getTime() === startsAt.getTime()
      ? dated.firstDay
      : null,
  lastDay:
    dated.lastDay && endOfDay(dated.lastDay, timeZone).getTime() === endsAt.getTime() ? dated.lastDay : null,
});

/** The time zone that days of an organization are read in. */
export async function timeZoneOf(db: Kysely<DB>, organizationId: string): Promise<string> {
  const { rows } = await sql<{ timeZone: string }>`
    select time_zone as "timeZone" from organization where id = ${organizationId}`.execute(db);
  return rows[0]!.timeZone;
}

/**
 * When something ends, by an instant or by a day in the zone of the organization where it stands.
 * @throws Refusal `input.invalid` where it is said twice
 */
export async function endSaid(
  db: Kysely<DB>,
  input: { until?: string | undefined; lastDay?: string | undefined },
  organizationId: string,
): Promise<Date | undefined> {
  const dated = datedBy(input);
  return dated.lastDay ? readIn(dated, await timeZoneOf(db, organizationId)).until : dated.until;
}

/** The last day that is in, in a time zone, of something that ends at an instant; null where it never ends. */
export const lastDayIn = (
  endsAt: RawBuilder<unknown>,
  timeZone: RawBuilder<unknown>,
): RawBuilder<string | null> =>
  sql<
    string | null
  >`case when isfinite(${endsAt}) then to_char((${endsAt} - interval '1 microsecond') at time zone ${timeZone}, 'YYYY-MM-DD') end`;

export const lastDayOut = z
  .string()
  .nullable()
  .describe('The last day that is in (YYYY-MM-DD), in the time zone of the organization; null for no end.');

export const dayOut = z
  .string()
  .nullable()
  .describe(
    'A day (YYYY-MM-DD) in the time zone of the organization; null when there is none, or an instant was chosen.',
  );
