import { expect, test } from 'vitest';
import { idsIn } from '../pages/ask/offer.ts';
import { day, flag, id, oneOf, text } from './search.ts';

test('a text is a text, also when the address looks like a number or a yes', () => {
  expect(text({ q: 'ana' }, 'q')).toBe('ana');
  expect(text({ q: 12 }, 'q')).toBe('12');
  expect(text({ q: true }, 'q')).toBe('true');
});

test('what is empty, absent or of another kind counts as absent', () => {
  for (const raw of [{}, { q: '' }, { q: null }, { q: ['a'] }, { q: { a: 1 } }])
    expect(text(raw, 'q')).toBeUndefined();
});

test('a choice outside the list counts as absent', () => {
  expect(oneOf({ sort: '-name' }, 'sort', ['name', '-name'])).toBe('-name');
  expect(oneOf({ sort: 'secret' }, 'sort', ['name', '-name'])).toBeUndefined();
});

test('a flag is set or absent', () => {
  expect(flag({ only: true }, 'only')).toBe(true);
  expect(flag({ only: 'true' }, 'only')).toBe(true);
  for (const only of [false, 'false', 'no', undefined]) expect(flag({ only }, 'only')).toBeUndefined();
});

test.each([
  ['2026-99-99'],
  ['2026-02-30'],
  ['2026-11-22T00:00'],
  ['javascript:alert(1)'],
  ['<b>2026-11-22</b>'],
])('%s is no day of a link', (value) => {
  expect(day({ until: value }, 'until')).toBeUndefined();
});

test.each([
  ['..'],
  ['.'],
  ['../me'],
  ['..%2Fme'],
  ['<script>'],
  ['javascript:alert(1)'],
  ['0190-1'],
  ['a/b'],
])('%s is no id of a link', (value) => {
  expect(id({ at: value }, 'at')).toBeUndefined();
  expect(idsIn(`${value},${value}`)).toEqual([]);
});

test('what is real is kept', () => {
  const one = '0190a0b0-0000-7000-8000-000000000001';
  expect(id({ at: one }, 'at')).toBe(one);
  expect(idsIn(`x,${one},${one},..`)).toEqual([one]);
  expect(day({ until: '2028-02-29' }, 'until')).toBe('2028-02-29');
});
