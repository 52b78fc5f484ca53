/**
 * Stands in for `vitest` where tests are run again and again in one process (in-process.ts): the same `expect`, and the
 * few words by which test files say what there is to run.
 */
import { expect as vitestExpect } from 'vitest';

type Run = () => unknown;
export type Suite = {
  parent: Suite | undefined;
  once: { before: Run[]; after: Run[] };
  each: { before: Run[]; after: Run[] };
  parts: (Suite | Case)[];
};
export type Case = { name: string; run: Run; of: Suite };

const newSuite = (parent: Suite | undefined): Suite => ({
  parent,
  once: { before: [], after: [] },
  each: { before: [], after: [] },
  parts: [],
});

let current = newSuite(undefined);
/** What the test file that was imported since the last call consists of. */
export function collected(): Suite {
  const top = current;
  current = newSuite(undefined);
  return top;
}

let provided: unknown;
export const provide = (value: unknown): void => {
  provided = value;
};
export const inject = (): unknown => provided;
export const expect = vitestExpect;

type Body = (...args: unknown[]) => unknown;
const bodyOf = (parts: unknown[]): Body => parts.find((part) => typeof part === 'function') as Body;
const withTable = (add: (name: string, ...parts: unknown[]) => void) =>
  Object.assign(add, {
    each:
      (table: readonly unknown[]) =>
      (name: string, ...parts: unknown[]) => {
        for (const [index, row] of table.entries()) {
          const values = Array.isArray(row) ? row : [row];
          add(`${name} #${index + 1}`, () => bodyOf(parts)(...values));
        }
      },
  });

export const it = withTable((name, ...parts) => {
  const body = bodyOf(parts);
  current.parts.push({ name, run: () => body(), of: current });
});
export const describe = withTable((_, ...parts) => {
  const suite = newSuite(current);
  current.parts.push(suite);
  current = suite;
  bodyOf(parts)();
  current = suite.parent!;
});
export const beforeAll = (run: Run): number => current.once.before.push(run);
export const afterAll = (run: Run): number => current.once.after.push(run);
export const beforeEach = (run: Run): number => current.each.before.push(run);
export const afterEach = (run: Run): number => current.each.after.push(run);
