import { expect, it } from 'vitest';
import { laterBy } from './later.ts';

it.each([
  ['2026-01-31', 1, '2026-02-28'],
  ['2027-11-30', 3, '2028-02-29'],
  ['2026-12-31', 12, '2027-12-31'],
  ['2026-05-15', 1, '2026-06-15'],
])('%s and %i months more is %s', (day, months, later) => expect(laterBy(day, months)).toBe(later));
