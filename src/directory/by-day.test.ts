import { expect, it } from 'vitest';
import { alwaysAfter, alwaysBefore } from '../authority/facts.ts';
import { firstDayAt, lastDayAt } from './by-day.ts';
import { endOfDay, startOfDay } from './days.ts';

it.each([
  ['Pacific/Kiritimati'],
  ['Pacific/Auckland'],
  ['Asia/Kathmandu'],
  ['Europe/Amsterdam'],
  ['UTC'],
  ['America/Los_Angeles'],
  ['Pacific/Pago_Pago'],
])('days in %s are those that were chosen there, over changes of the clock too', (zone) => {
  for (const day of ['2026-12-31', '2027-01-01', '2026-03-28', '2026-03-29', '2026-11-01', '2026-04-05'])
    expect([firstDayAt(startOfDay(day, zone), zone), lastDayAt(endOfDay(day, zone), zone)]).toEqual([
      day,
      day,
    ]);
});

it('is the day itself of what begins or ends in the middle of one', () => {
  const noon = new Date('2026-12-31T08:20:31Z');
  expect([firstDayAt(noon, 'UTC'), lastDayAt(noon, 'UTC')]).toEqual(['2026-12-31', '2026-12-31']);
});

it('is none of what was there always and never ends', () => {
  expect([firstDayAt(alwaysBefore, 'UTC'), lastDayAt(alwaysAfter, 'UTC')]).toEqual([null, null]);
});
