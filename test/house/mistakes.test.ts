import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { mistakes as ofAuthority } from '../bite/mistakes.ts';
import { mistakesOfLifecycle } from '../bite/mistakes-lifecycle.ts';
import { mistakesOfRequests } from '../bite/mistakes-requests.ts';
import { mistakesOfRules } from '../bite/mistakes-rules.ts';

const mistakes = [...ofAuthority, ...mistakesOfRequests, ...mistakesOfLifecycle, ...mistakesOfRules];
const root = fileURLToPath(new URL('../..', import.meta.url));

it.each(mistakes.map((one) => [one.name, one] as const))(
  '%s: can still be made',
  (_, { file, find, replace }) => {
    expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  },
);

it('knows at least 40, in TypeScript and in SQL, and each once', () => {
  expect(new Set(mistakes.map(({ name }) => name)).size).toBe(mistakes.length);
  expect(mistakes.length).toBeGreaterThanOrEqual(40);
  expect(mistakes.filter(({ file }) => file.endsWith('.sql')).length).toBeGreaterThanOrEqual(8);
});

it('names tests that exist', () => {
  const files = mistakes.flatMap(({ tests }) => Object.values(tests).flat());
  expect([...new Set(files)].filter((file) => !existsSync(join(root, file)))).toEqual([]);
});
