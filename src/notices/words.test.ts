import { describe, expect, it } from 'vitest';
import { dayIn, untilIn, whenIn } from './words.ts';

const at = new Date('2026-02-03T16:05:00Z');

describe('days and instants in mails', () => {
  it.each([
    ['en', '3 February 2026 at 17:05 CET', '3 February 2026'],
    ['nl', '3 februari 2026 om 17:05 CET', '3 februari 2026'],
    ['de', '3. Februar 2026 um 17:05 MEZ', '3. Februar 2026'],
    ['fr', '3 février 2026 à 17:05 UTC+1', '3 février 2026'],
  ])('%s: the day first, the month as a word, the zone by name', (language, instant, day) => {
    expect(whenIn(language, at, 'Europe/Berlin')).toBe(instant);
    expect(dayIn(language, '2026-02-03')).toBe(day);
  });

  it('says the last day that is in, of what ends with a day', () => {
    const midnight = new Date('2026-02-03T23:00:00Z');
    expect(untilIn('en', midnight, 'Europe/Berlin')).toBe('3 February 2026');
    expect(untilIn('en', midnight, 'UTC')).toBe('3 February 2026 at 23:00 UTC');
    // Clocks go forward at midnight there: the day begins at 01:00.
    expect(untilIn('en', new Date('2018-11-04T03:00:00Z'), 'America/Sao_Paulo')).toBe('3 November 2018');
  });
});
