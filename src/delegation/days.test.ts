import { expect, it } from 'vitest';
import { lastDayOf } from './days.ts';

it.each([
  ['Honolulu', '2027-01-01T10:00:00Z'],
  ['New York', '2027-01-01T05:00:00Z'],
  ['Greenwich', '2027-01-01T00:00:00Z'],
  ['Amsterdam', '2026-12-31T23:00:00Z'],
  ['Kathmandu', '2026-12-31T18:15:00Z'],
  ['Auckland', '2026-12-31T11:00:00Z'],
])('says the last day that ends at midnight in %s', (_, endsAt) => {
  expect(lastDayOf(new Date(endsAt))).toBe('31 December 2026');
});

it('says the day itself of what ends in the middle of one', () => {
  expect(lastDayOf(new Date('2026-12-31T08:20:31Z'))).toBe('31 December 2026');
});
