import { expect, test } from 'vitest';
import { keyFrom, linesOf } from './key-from.ts';

test.each([
  ['Order Desk', 'order-desk'],
  ['  Büro & Bau  ', 'buro-bau'],
  ['ÅRSRAPPORT 2026', 'arsrapport-2026'],
  ['日本', ''],
  [`${'a'.repeat(80)}`, 'a'.repeat(64)],
])('%j is called %j', (name, key) => {
  expect(keyFrom(name)).toBe(key);
});

test('addresses come one a line or beside each other, each once', () => {
  expect(linesOf(' https://a.example/x\nhttps://b.example https://a.example/x\r\n')).toEqual([
    'https://a.example/x',
    'https://b.example',
  ]);
  expect(linesOf('  ')).toEqual([]);
});
