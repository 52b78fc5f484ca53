import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { requestKinds } from '../../src/requests/policy.ts';
import { operationList } from '../../src/server/operations.gen.ts';

const page = readFileSync(new URL('../../docs/asking.md', import.meta.url), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| `'));

it('docs/asking.md tells of every kind of request, and of no other', () => {
  expect(rows.map((row) => row.split('`')[1])).toEqual([...requestKinds]);
});

it('docs/asking.md names every operation that asks', () => {
  const named = new Set([...page.matchAll(/`([a-z-]+\.[a-z-]+)`/g)].map(([, name]) => name!));
  const asking = operationList.filter(({ events }) => events?.includes('request.created'));
  const confirmed = 'registration.confirm';
  expect(asking.map(({ name }) => name).filter((name) => name !== confirmed && !named.has(name))).toEqual([]);
  const known = new Set([...operationList.map(({ name }) => name), 'request.changed']);
  expect([...named].filter((name) => !known.has(name))).toEqual([]);
});
