import { Temporal } from 'temporal-polyfill';

/**
 * Days and instants. A first or last day is a date in the organization's time zone; what decides is the
 * half-open span of instants it means. Where local midnight does not exist (a change to summer time at
 * midnight, a skipped day) the day starts at the first instant after the gap.
 */
export type Span = { startsAt: Date | '-infinity'; endsAt: Date | 'infinity' };

/** True for names of the time zone database, such as `Europe/Amsterdam`; offsets like `+02:00` keep no summer time. */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    Temporal.Now.zonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The first instant of a day (`YYYY-MM-DD`) in a time zone. */
export function startOfDay(day: string, timeZone: string): Date {
  return new Date(Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds);
}

/** The first instant after a day: the next local midnight. */
export function endOfDay(day: string, timeZone: string): Date {
  return startOfDay(Temporal.PlainDate.from(day).add({ days: 1 }).toString(), timeZone);
}

/** The day that an instant falls on in a time zone, as `YYYY-MM-DD`. */
export function dayOf(at: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/** What a first and a last day mean; an absent day has no limit on its side. */
export function spanOf(firstDay: string | null, lastDay: string | null, timeZone: string): Span {
  return {
    startsAt: firstDay === null ? '-infinity' : startOfDay(firstDay, timeZone),
    endsAt: lastDay === null ? 'infinity' : endOfDay(lastDay, timeZone),
  };
}
