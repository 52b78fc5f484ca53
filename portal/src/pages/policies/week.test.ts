import { expect, it } from 'vitest';
import { runsOf } from './week.ts';

const said = (days: number[]): string =>
  runsOf(days)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(' ');

it.each([
  [[1, 2, 3, 4, 5], '1-5'],
  [[5, 4, 3, 2, 1], '1-5'],
  [[1, 2, 3, 4, 5, 6, 7], '1-7'],
  [[1, 2], '1 2'],
  [[1, 2, 3, 5], '1-3 5'],
  [[1, 3, 5], '1 3 5'],
  [[7, 1, 2, 3, 4], '7-4'],
  [[6, 7, 1], '6-1'],
  [[7, 1], '7 1'],
  [[3], '3'],
])('says %j as %s', (days, words) => {
  expect(said(days)).toBe(words);
});
