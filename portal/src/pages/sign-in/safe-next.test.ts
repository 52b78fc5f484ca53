import { expect, test } from 'vitest';
import { safeNext } from './safe-next.ts';

const site = 'https://remit.example';

test.each([
  ['/people?q=a#b', '/people?q=a#b'],
  ['/oidc/auth/abc', '/oidc/auth/abc'],
  ['/a/../people', '/people'],
  ['/ask?q=a%2Fb&reason=%5C', '/ask?q=a%2Fb&reason=%5C'],
  ['/people?q=<script>', '/people?q=%3Cscript%3E'],
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
  ['JaVaScRiPt:alert(1)'],
  ['data:text/html,<script>alert(1)</script>'],
  ['/.//evil.example'],
  ['/a/..//evil.example'],
  ['/%2e//evil.example'],
  ['/a/%2E%2E//evil.example'],
  ['/%2F%2Fevil.example'],
  ['/%2fevil.example'],
  ['/%5C%5Cevil.example'],
  ['/%5cevil.example'],
  ['/oidc%2F..%2F..//evil.example'],
  ['/people%00'],
  ['\u0000//evil.example'],
  ['/\u0001/evil.example'],
  ['//evil.example@remit.example'],
  ['///evil.example'],
  ['http:/evil.example'],
  ['https:evil.example'],
  [' //evil.example'],
  ['@evil.example'],
  ['.evil.example'],
])('%s leads home', (next) => {
  expect(safeNext(next, site)).toBe('/');
});
