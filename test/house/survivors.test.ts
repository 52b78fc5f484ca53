import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { mutantsOf } from '../bite/mutants.ts';
import { heart } from '../bite/near.ts';
import { survivors } from '../bite/survivors.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const names = heart.flatMap((name) => {
  const file = `src/authority/${name}.ts`;
  return mutantsOf(file, readFileSync(join(root, file), 'utf8')).mutants.map((mutant) => mutant.name);
});

it('lists no mutant that cannot be made any more, and each with its reason', () => {
  expect([...survivors().keys()].filter((name) => !names.includes(name))).toEqual([]);
  expect([...survivors()].filter(([, why]) => why === '')).toEqual([]);
});

it('lists fewer of them with time, never more', () => {
  expect(survivors().size).toBeLessThanOrEqual(29);
});

it('names each mutant once', () => {
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(600);
});
