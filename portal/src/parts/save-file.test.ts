import { expect, test } from 'vitest';
import { csvOf } from './save-file.ts';

test('cells with separators, quotes and line ends stay one cell', () => {
  expect(csvOf([['a,b', 'say "hi"', 'two\nlines']])).toBe('"a,b","say ""hi""","two\nlines"');
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('%j does not run in a spreadsheet', (cell) => {
  expect(csvOf([[cell]])).toBe(`"'${cell}"`);
});
