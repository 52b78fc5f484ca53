import { assert, date, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import type { Duration } from './policy.ts';
import { after, before, type Calendar, usualCalendar } from './working-time.ts';

const amsterdam: Calendar = { ...usualCalendar, timeZone: 'Europe/Amsterdam', holidays: ['2026-12-25'] };

it.each([
  ['2026-11-20T15:00:00Z', { workingHours: 2 }, '2026-11-23T09:00:00Z', 'over a weekend'],
  ['2026-11-23T03:00:00Z', { workingHours: 1 }, '2026-11-23T09:00:00Z', 'before work'],
  ['2026-11-24T13:00:00Z', { workingDays: 5 }, '2026-12-01T13:00:00Z', 'a week'],
  ['2026-12-24T15:30:00Z', { workingDays: 1 }, '2026-12-28T15:30:00Z', 'over a day off'],
  ['2026-03-27T15:00:00Z', { workingHours: 2 }, '2026-03-30T08:00:00Z', 'into summer time'],
  ['2026-11-20T15:00:00Z', { hours: 48 }, '2026-11-22T15:00:00Z', 'by the clock'],
])('%s and %j is %s: %s', (from: string, time: Duration, until: string, _why: string) => {
  expect(after(new Date(from), time, amsterdam).toISOString()).toBe(new Date(until).toISOString());
});

it('comes back to where it came from, in working time', () =>
  assert(
    property(
      date({ min: new Date('2026-01-01'), max: new Date('2029-01-01'), noInvalidDate: true }),
      integer({ min: 1, max: 300 }),
      (start, workingHours) => {
        const end = after(start, { workingHours }, amsterdam);
        const back = before(end, { workingHours }, amsterdam);
        // between two working days there is no working time
        expect(after(back, { workingHours }, amsterdam)).toEqual(end);
        expect(end > start).toBe(true);
      },
    ),
    { seed: 4, numRuns: 200 },
  ));

it('ends also where nobody ever works', () => {
  const never: Calendar = { ...usualCalendar, days: [] };
  const start = new Date('2026-11-22T12:00:00Z');
  expect(after(start, { workingDays: 2 }, never).getTime() - start.getTime()).toBe(16 * 3_600_000);
});
