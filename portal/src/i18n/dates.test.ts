import { expect, test } from 'vitest';
import { day, localeFor, moment } from './dates.ts';

test('English days are those of the mails, the day before the month', () => {
  expect(localeFor('en')).toBe('en-GB');
  expect(localeFor('fr')).toBe('fr');
  expect(moment('2026-02-03T16:05:00')).toBe('3 Feb 2026, 16:05');
});

test('a day is the same day in every time zone', () => {
  expect(day('2026-01-01')).toBe('1 Jan 2026');
});

test('what is absent is written as nothing', () => {
  expect(day(null)).toBe('');
});
