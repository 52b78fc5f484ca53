import { describe, expect, it } from 'vitest';
import { type Duty, type SeparationSet, yielding } from './separation.ts';

/** What yields (I37), as a table: who came first, by what, where, and with which exception. */
const set = (parts: string[], more: Partial<SeparationSet> = {}): SeparationSet => ({
  id: parts.join(''),
  path: 'r',
  tooMany: 2,
  parts,
  excepted: [],
  ...more,
});
const has = (entitlementId: string, day: number, more: Partial<Duty> = {}): Duty => ({
  userId: 'ann',
  path: 'r.1',
  entitlementId,
  assignmentId: `${entitlementId}${day}`,
  ruleId: null,
  startsAt: new Date(2026, 0, day),
  ...more,
});
const gone = (sets: SeparationSet[], duties: Duty[]): string[] => {
  const found = [...yielding(sets, duties)].map(({ assignmentId }) => assignmentId).sort();
  // In whatever order they are asked about.
  expect(
    [...yielding([...sets].reverse(), [...duties].reverse())].map((one) => one.assignmentId).sort(),
  ).toEqual(found);
  return found;
};

describe('yielding', () => {
  const ab = set(['a', 'b']);
  it.each<[string, SeparationSet[], Duty[], string[]]>([
    ['nothing without a set', [], [has('a', 1), has('b', 2)], []],
    ['nothing that is alone', [ab], [has('a', 1), has('c', 2)], []],
    ['what began last', [ab], [has('b', 2), has('a', 1)], ['b2']],
    ['of the same beginning what was given last', [ab], [has('a', 1), has('b', 1)], ['b1']],
    ['what a rule finds, though it began first', [ab], [has('a', 1, { ruleId: 'x' }), has('b', 2)], ['a1']],
    [
      'each source of it, and the same role counts once',
      [ab],
      [has('a', 1), has('a', 2), has('b', 3), has('b', 4)],
      ['b3', 'b4'],
    ],
    [
      'only what is one too many',
      [set(['a', 'b', 'c'], { tooMany: 3 })],
      [has('a', 1), has('b', 2), has('c', 3)],
      ['c3'],
    ],
    ['nobody else’s', [ab], [has('a', 1), has('b', 2, { userId: 'bob' })], []],
    [
      'nothing of a look-alike beside the place',
      [set(['a', 'b'], { path: 'r.1' })],
      [has('a', 1), has('b', 2, { path: 'r.10' })],
      [],
    ],
    [
      'what is below the place',
      [set(['a', 'b'], { path: 'r.1' })],
      [has('a', 1), has('b', 2, { path: 'r.1.7' })],
      ['b2'],
    ],
    [
      'nothing of whom an exception is for',
      [set(['a', 'b'], { excepted: ['ann'] })],
      [has('a', 1), has('b', 2)],
      [],
    ],
    [
      'all the same by another set',
      [set(['a', 'b'], { excepted: ['ann'] }), set(['b', 'a'])],
      [has('a', 1), has('b', 2)],
      ['b2'],
    ],
    [
      'no third one for a second that yields itself',
      [ab, set(['b', 'c'])],
      [has('a', 1), has('b', 2), has('c', 3)],
      ['b2'],
    ],
  ])('takes %s', (_, sets, duties, expected) => {
    expect(gone(sets, duties)).toEqual(expected);
  });
});
