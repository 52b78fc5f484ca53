import { expect, test } from 'vitest';
import { safeNext } from './safe-next.ts';

const site = 'https://remit.example';

test.each([
  ['/people?q=a#b', '/people?q=a#b'],
  ['/oidc/auth/abc', '/oidc/auth/abc'],
  ['/a/../people', '/people'],
])('%s is a way of ours', (next, expected) => {
  expect(safeNext(next, site)).toBe(expected);
});

test.each([
  [undefined],
  [''],
  ['people'],
  ['https://evil.example/'],
  ['//evil.example'],
  ['/\\evil.example'],
  ['/\t/evil.example'],
  ['/people\\..'],
  ['javascript:alert(1)'],
])('%s leads home', (next) => {
  expect(safeNext(next, site)).toBe('/');
});
