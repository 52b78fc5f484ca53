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
    'East;Eva Ost;eva@example.org',
    [{ name: 'East', managerName: 'Eva Ost', managerEmail: 'eva@example.org' }],
  ],
  ['East\teva@example.org', [{ name: 'East', managerEmail: 'eva@example.org' }]],
  ['eva@example.org', []],
  ['', []],
])('%j', (text, parts) => {
  expect(readParts(text)).toEqual(parts);
});
