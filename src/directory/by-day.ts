import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { alwaysAfter, alwaysBefore } from '../authority/facts.ts';
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

/**
 * Since when, by an instant or by the beginning of a day in the zone of an organization.
 * @throws Refusal `input.invalid` where it is said twice, or not at all
 */
export async function sinceSaid(
  db: Kysely<DB>,
  { since, sinceDay }: { since?: string | undefined; sinceDay?: string | undefined },
  organizationId: string,
): Promise<Date> {
  if (since && !sinceDay) return new Date(since);
  if (!sinceDay || since) throw invalid('sinceDay', 'one-of', { fields: 'since, sinceDay' });
  return startOfDay(sinceDay, await timeZoneOf(db, organizationId));
}

/** The last day that is in, in a time zone, of something that ends at an instant; null where it never ends. */
export const lastDayIn = (
  endsAt: RawBuilder<unknown>,
  timeZone: RawBuilder<unknown>,
): RawBuilder<string | null> =>
  sql<
    string | null
  >`case when isfinite(${endsAt}) then to_char((${endsAt} - interval '1 microsecond') at time zone ${timeZone}, 'YYYY-MM-DD') end`;

/** The day that something begins on, in a time zone; null where it was there always. */
export const firstDayIn = (
  startsAt: RawBuilder<unknown>,
  timeZone: RawBuilder<unknown>,
): RawBuilder<string | null> =>
  sql<
    string | null
  >`case when isfinite(${startsAt}) then to_char(${startsAt} at time zone ${timeZone}, 'YYYY-MM-DD') end`;

// Made once a zone: for the many rows of a list Temporal takes fifty times as long.
const formats = new Map<string, Intl.DateTimeFormat>();

function dayAt(at: Date, timeZone: string): string | null {
  if (at <= alwaysBefore || at >= alwaysAfter) return null;
  let format = formats.get(timeZone);
  if (!format) {
    // Swedish days are those of ISO 8601.
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format.format(at);
}

/** As `firstDayIn`, of an instant that was read already. */
export const firstDayAt = (startsAt: Date, timeZone: string): string | null => dayAt(startsAt, timeZone);

/** As `lastDayIn`, of an instant that was read already. */
export const lastDayAt = (endsAt: Date, timeZone: string): string | null =>
  endsAt >= alwaysAfter ? null : dayAt(new Date(endsAt.getTime() - 1), timeZone);

export const firstDayOut = z
  .string()
  .nullable()
  .describe('The day that it begins on (YYYY-MM-DD), in the time zone of the organization; null for always.');

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
