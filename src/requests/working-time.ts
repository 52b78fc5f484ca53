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

/** Not by working hours: nights, weekends and days off count. */
export const isByClock = (time: Duration): boolean => 'hours' in time;

/** Milliseconds, of work where it is in working time. */
export function lengthOf(time: Duration, calendar: Calendar): number {
  if ('hours' in time) return time.hours * hour;
  return 'workingHours' in time ? time.workingHours * hour : time.workingDays * lengthOfDay(calendar);
}

function move(start: Date, time: Duration, calendar: Calendar, way: 1 | -1): Date {
  const length = lengthOf(time, calendar);
  return isByClock(time) ? new Date(start.getTime() + way * length) : moveWork(start, length, calendar, way);
}

/** `from` and so many milliseconds of work later. */
export const afterWork = (from: Date, milliseconds: number, calendar: Calendar): Date =>
  moveWork(from, milliseconds, calendar, 1);

function moveWork(start: Date, work: number, calendar: Calendar, way: 1 | -1): Date {
  if (work <= 0) return start;
  let left = work;
  let at = start.getTime();
  let day = dayOf(at, calendar);
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

/** Milliseconds of work from one instant to another, as `afterWork` counts them: it never comes later than `until`. */
export function workBetween(from: Date, until: Date, calendar: Calendar): number {
  const end = until.getTime();
  let at = from.getTime();
  let worked = 0;
  let day = dayOf(at, calendar);
  for (let idle = 0; idle < longestBreak; day = day.add({ days: 1 })) {
    const span = workOn(day, calendar);
    const begin = span && Math.max(at, span.from);
    if (!span || !begin || begin >= span.until) {
      idle += 1;
      continue;
    }
    idle = 0;
    if (span.until >= end) return worked + Math.max(0, end - begin);
    worked += span.until - begin;
    at = span.until;
  }
  return worked + Math.max(0, end - at);
}

const dayOf = (at: number, { timeZone }: Calendar): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();

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
