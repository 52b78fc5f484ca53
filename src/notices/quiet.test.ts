import { describe, expect, it } from 'vitest';
import { nextDaily, quietEnd } from './quiet.ts';

const zone = 'Europe/Amsterdam';
const night = { from: '22:00', until: '07:00' };
const lunch = { from: '12:00', until: '13:00' };

describe('quiet hours', () => {
  it.each([
    ['in the evening', '2026-01-10T21:30:00Z', night, '2026-01-11T06:00:00.000Z'],
    ['after midnight', '2026-01-10T03:00:00Z', night, '2026-01-10T06:00:00.000Z'],
    ['at their first moment', '2026-01-10T21:00:00Z', night, '2026-01-11T06:00:00.000Z'],
    ['at their end', '2026-01-10T06:00:00Z', night, undefined],
    ['by day', '2026-01-10T12:00:00Z', night, undefined],
    ['at noon', '2026-01-10T11:30:00Z', lunch, '2026-01-10T12:00:00.000Z'],
    ['in the afternoon', '2026-01-10T12:30:00Z', lunch, undefined],
    ['over the night of summer time', '2026-03-28T22:00:00Z', night, '2026-03-29T05:00:00.000Z'],
    ['over the night of winter time', '2026-10-24T22:00:00Z', night, '2026-10-25T06:00:00.000Z'],
  ])('%s', (_, at, quiet, end) => {
    expect(quietEnd(new Date(at), quiet, zone)?.toISOString()).toBe(end);
  });

  it('are none where there are none', () => {
    expect(quietEnd(new Date(), undefined, zone)).toBeUndefined();
  });
});

describe('the daily mail', () => {
  it.each([
    ['later today', '2026-01-10T05:00:00Z', 8, undefined, '2026-01-10T07:00:00.000Z'],
    ['tomorrow, at the very moment', '2026-01-10T07:00:00Z', 8, undefined, '2026-01-11T07:00:00.000Z'],
    ['at the same hour in summer', '2026-07-10T07:00:00Z', 8, undefined, '2026-07-11T06:00:00.000Z'],
    ['after the gap of summer time', '2026-03-28T12:00:00Z', 2, undefined, '2026-03-29T01:00:00.000Z'],
    ['when quiet hours end', '2026-01-10T05:00:00Z', 6, night, '2026-01-10T06:00:00.000Z'],
  ])('comes %s', (_, at, hour, quiet, next) => {
    expect(nextDaily(new Date(at), hour, quiet, zone).toISOString()).toBe(next);
  });
});
