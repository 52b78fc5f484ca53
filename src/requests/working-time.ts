import { Temporal } from 'temporal-polyfill';
import type { Duration } from './policy.ts';

/** When an organization works, in its own time zone. */
export type Calendar = {
  timeZone: string;
  /** 1 Monday to 7 Sunday (ISO 8601) */
  days: readonly number[];
  /** local times, `09:00` */
  from: string;
  until: string;
  /** days off, `2026-12-25` */
  holidays: readonly string[];
};

export const usualCalendar: Calendar = {
  timeZone: 'UTC',
  days: [1, 2, 3, 4, 5],
  from: '09:00',
  until: '17:00',
  holidays: [],
};

const hour = 3_600_000;
/** A calendar that is all holidays ends no request: after so many days without work, hours count by the clock. */
const longestBreak = 60;

/** `from` and so much time later; a working day is as long as the organization works on one. */
export const after = (from: Date, time: Duration, calendar: Calendar): Date => move(from, time, calendar, 1);

/** `until` and so much time earlier. */
export const before = (until: Date, time: Duration, calendar: Calendar): Date =>
  move(until, time, calendar, -1);

function move(start: Date, time: Duration, calendar: Calendar, way: 1 | -1): Date {
  if ('hours' in time) return new Date(start.getTime() + way * time.hours * hour);
  let left = 'workingHours' in time ? time.workingHours * hour : time.workingDays * lengthOfDay(calendar);
  let at = start.getTime();
  let day = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(calendar.timeZone).toPlainDate();
  for (let idle = 0; idle < longestBreak; day = day.add({ days: way })) {
    const span = workOn(day, calendar);
    const here =
      span && (way === 1 ? span.until - Math.max(at, span.from) : Math.min(at, span.until) - span.from);
    if (!span || !here || here <= 0) {
      idle += 1;
      continue;
    }
    idle = 0;
    if (here >= left)
      return new Date(way === 1 ? Math.max(at, span.from) + left : Math.min(at, span.until) - left);
    left -= here;
    at = way === 1 ? span.until : span.from;
  }
  return new Date(at + way * left);
}

function workOn(day: Temporal.PlainDate, calendar: Calendar): { from: number; until: number } | undefined {
  if (!calendar.days.includes(day.dayOfWeek) || calendar.holidays.includes(day.toString())) return undefined;
  // A time that summer time skips becomes the first after the gap, as days do.
  const at = (time: string): number =>
    day.toZonedDateTime({ timeZone: calendar.timeZone, plainTime: Temporal.PlainTime.from(time) })
      .epochMilliseconds;
  return { from: at(calendar.from), until: at(calendar.until) };
}

function lengthOfDay({ from, until }: Calendar): number {
  const length = Temporal.PlainTime.from(from).until(Temporal.PlainTime.from(until)).total('milliseconds');
  return length > 0 ? length : 24 * hour;
}
