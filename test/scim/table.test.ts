import { expect, it } from 'vitest';
import { all } from './cases/all.ts';
import { httpCases } from './cases/http.ts';

/** The table is what it says it is: of this size, and about every part of the RFCs that a server has to do with. */
const sections = [
  '7643 2.1',
  '7643 2.2',
  '7643 2.3.1',
  '7643 2.4',
  '7643 2.5',
  '7643 3',
  '7643 3.1',
  '7643 3.3',
  '7643 4.1.1',
  '7643 4.1.2',
  '7643 4.2',
  '7643 4.3',
  '7643 5',
  '7643 6',
  '7643 7',
  '7644 2',
  '7644 3.3',
  '7644 3.4.1',
  '7644 3.4.2',
  '7644 3.4.2.2',
  '7644 3.4.2.3',
  '7644 3.4.2.4',
  '7644 3.4.3',
  '7644 3.5.1',
  '7644 3.5.2',
  '7644 3.5.2.1',
  '7644 3.5.2.2',
  '7644 3.5.2.3',
  '7644 3.6',
  '7644 3.7',
  '7644 3.7.1',
  '7644 3.7.2',
  '7644 3.7.3',
  '7644 3.7.4',
  '7644 3.8',
  '7644 3.9',
  '7644 3.10',
  '7644 3.11',
  '7644 3.12',
  '7644 3.14',
  '7644 4',
  '9865 2',
  '9865 2.1',
  '9865 2.4',
  '9865 3',
  '9865 4',
];

const table = [...all, ...httpCases];

it('has at least 300 cases, no two alike', () => {
  expect(new Set(table.map((each) => JSON.stringify(each))).size).toBe(table.length);
  expect(table.length).toBeGreaterThanOrEqual(300);
});

it.each([
  ['bulk', /^7644 3\.7/],
  ['discovery', /^7643 [567]$|^7644 4$|^9865 4$/],
])('has 16 of %s', (_, section) =>
  expect(table.filter((each) => section.test(each.section)).length).toBeGreaterThanOrEqual(16),
);

it.each(sections)('names RFC %s', (section) => {
  expect(table.some((each) => each.section === section)).toBe(true);
});

it('gives each case its section and words of it', () => {
  for (const { section, quote } of table) {
    expect(section).toMatch(/^(7643|7644|9865) \d+(\.\d+)*$/);
    expect(quote.length).toBeGreaterThan(5);
  }
});
