import { Temporal } from 'temporal-polyfill';

/** When somebody wants no mail: local times of theirs, `22:00` to `07:00`; over midnight where it ends earlier than it begins. */
export type Quiet = { from: string; until: string };

/** When the quiet hours end that this instant lies in; undefined when mail is welcome. */
export function quietEnd(at: Date, quiet: Quiet | undefined, timeZone: string): Date | undefined {
  if (!quiet) return undefined;
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
  const today = local.toPlainDate();
  const overNight = quiet.until <= quiet.from;
  for (const begins of overNight ? [today.subtract({ days: 1 }), today] : [today]) {
    const from = instant(begins, quiet.from, timeZone);
    const until = instant(overNight ? begins.add({ days: 1 }) : begins, quiet.until, timeZone);
    if (from <= at && at < until) return until;
  }
  return undefined;
}

/** The next instant after `at` at which a clock there shows this full hour and no quiet hours hold it back. */
export function nextDaily(at: Date, hour: number, quiet: Quiet | undefined, timeZone: string): Date {
  const today = Temporal.Instant.fromEpochMilliseconds(at.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  const time = `${String(hour).padStart(2, '0')}:00`;
  for (let day = today.subtract({ days: 1 }); ; day = day.add({ days: 1 })) {
    const wanted = instant(day, time, timeZone);
    const next = quietEnd(wanted, quiet, timeZone) ?? wanted;
    if (next > at) return next;
  }
}

/** A time that summer time skips becomes the first after the gap. */
const instant = (day: Temporal.PlainDate, time: string, timeZone: string): Date =>
  new Date(day.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds);
