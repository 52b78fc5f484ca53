import { expect, test } from 'vitest';
import { flag, oneOf, text } from './search.ts';

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
