import { expect, test } from 'vitest';
import { readParts } from './parts.ts';

test.each([
  ['East', [{ name: 'East' }]],
  ['East\n\n  West ', [{ name: 'East' }, { name: 'West' }]],
  [
    'East, Eva Ost, eva@example.org',
    [{ name: 'East', managerName: 'Eva Ost', managerEmail: 'eva@example.org' }],
  ],
  [
    'East;Eva Ost;Eva <eva@example.org>',
    [{ name: 'East', managerName: 'Eva Ost', managerEmail: 'eva@example.org' }],
  ],
  ['East\teva@example.org', [{ name: 'East', managerEmail: 'eva@example.org' }]],
  ['', []],
])('%j', (text, parts) => {
  expect(readParts(text)).toEqual({ parts, doubts: [] });
});

test.each([
  ['West\nEast, Ed East', { line: 2, kind: 'no-email', what: 'Ed East' }],
  ['\nEast, Ed East, not-an-address', { line: 2, kind: 'no-address', what: 'not-an-address' }],
  ['East, Ed East, ed@', { line: 1, kind: 'no-address', what: 'ed@' }],
  ['East, Ed East, Ltd, ed@example.org', { line: 1, kind: 'too-much', what: 'Ltd' }],
  ['East, ed@example.org, eva@example.org', { line: 1, kind: 'too-much', what: 'eva@example.org' }],
  ['eva@example.org', { line: 1, kind: 'no-name', what: 'eva@example.org' }],
])('%j leaves a doubt', (text, doubt) => {
  expect(readParts(text).doubts).toEqual([doubt]);
});
