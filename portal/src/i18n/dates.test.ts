import { expect, test } from 'vitest';
import { endOfDay } from '../parts/until.ts';
import { day, lastDay, localeFor } from './dates.ts';

test.each([
  ['en', ['de-DE', 'en-GB', 'en-US'], 'en-GB'],
  ['en', ['fr', 'nl'], 'en'],
  ['en', ['en-US@posix'], 'en'],
  ['en', ['en-US@posix', 'en-AU'], 'en-AU'],
  ['en', [], 'en'],
  ['de', ['en-GB', 'de-AT'], 'de-AT'],
])('%s for a reader of %j is %s', (shown, readers, expected) => {
  expect(localeFor(shown, readers)).toBe(expected);
});

test('a day is the same day in every time zone', () => {
  expect(day('2026-01-01')).toMatch(/Jan/);
  expect(day('2026-01-01')).toMatch(/2026/);
});

test('what is absent is written as nothing', () => {
  expect(day(null)).toBe('');
});

test('what ends after a last day is said to end on it', () => {
  expect(lastDay(endOfDay('2026-12-31'))).toBe(day('2026-12-31'));
  expect(lastDay(new Date(2026, 11, 31, 12).toISOString())).toBe(day('2026-12-31'));
  expect(lastDay(null)).toBe('');
});
