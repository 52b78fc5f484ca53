import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, endOfDay, isTimeZone, spanOf, startOfDay } from './days.ts';

describe('a day in a time zone', () => {
  it.each([
    ['an ordinary day', '2026-11-22', 'Europe/Amsterdam', '2026-11-21T23:00:00Z', 24],
    ['clocks go forward', '2026-03-29', 'Europe/Amsterdam', '2026-03-28T23:00:00Z', 23],
    ['clocks go back', '2026-10-25', 'Europe/Amsterdam', '2026-10-24T22:00:00Z', 25],
    ['midnight does not exist', '2024-04-26', 'Africa/Cairo', '2024-04-25T22:00:00Z', 23],
    ['midnight does not exist (Beirut)', '2025-03-30', 'Asia/Beirut', '2025-03-29T22:00:00Z', 23],
    ['midnight comes twice', '2018-11-04', 'America/Havana', '2018-11-04T04:00:00Z', 25],
    ['a half-hour zone', '2026-01-01', 'Asia/Kolkata', '2025-12-31T18:30:00Z', 24],
    ['a day that was skipped whole', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00Z', 0],
  ])('%s', (_, day, zone, start, hours) => {
    expect(startOfDay(day, zone).toISOString()).toBe(new Date(start).toISOString());
    expect((endOfDay(day, zone).getTime() - startOfDay(day, zone).getTime()) / 3_600_000).toBe(hours);
  });

  it('ends where the next begins, in every zone, and holds its own instants', () => {
    const zones = [
      'UTC',
      'Africa/Cairo',
      'America/Havana',
      'America/Sao_Paulo',
      'Asia/Tehran',
      'Pacific/Chatham',
    ];
    const days = fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(days, fc.constantFrom(...zones), (at, zone) => {
        const day = dayOf(at, zone);
        expect(startOfDay(day, zone) <= at && at < endOfDay(day, zone)).toBe(true);
        expect(dayOf(endOfDay(day, zone), zone) > day).toBe(true);
        expect(dayOf(new Date(endOfDay(day, zone).getTime() - 1), zone)).toBe(day);
      }),
    );
  });

  it('means no limit when absent', () => {
    expect(spanOf(null, null, 'UTC')).toEqual({ startsAt: '-infinity', endsAt: 'infinity' });
    expect(spanOf('2026-01-01', '2026-01-31', 'UTC')).toEqual({
      startsAt: new Date('2026-01-01T00:00:00Z'),
      endsAt: new Date('2026-02-01T00:00:00Z'),
    });
  });

  it.each([
    ['Europe/Amsterdam', true],
    ['UTC', true],
    ['Mars/Olympus', false],
    ['+02:00', false],
    ['', false],
  ])('takes %s as a time zone: %s', (name, is) => expect(isTimeZone(name)).toBe(is));
});
