/**
 * Runs tests again and again in this process, with one mutant after the other switched on (see mutants.ts): nothing is
 * read or translated anew, and of the tests only those run that come past the mutant. Started by mutate.ts, with one
 * message: what to do. Says by messages what it begins with and what it found.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { mutantsOf } from './mutants.ts';
import type { Case, Suite } from './shim.ts';

export type Job = {
  root: string;
  /** source files whose mutants are asked */
  files: string[];
  tests: string[];
  database: string | undefined;
  /** names of those that need not be asked */
  skip: string[];
  /** seconds of tests that one mutant may cost */
  budget: number;
};
export type Word =
  | { say: 'begin'; name: string }
  | { say: 'found'; name: string; by: string }
  | { say: 'lives'; name: string; reached: number; asked: number }
  | { say: 'red'; test: string; why: string }
  | { say: 'end' };

/** Something that can be run alone: a test, or a file whose tests share what they make. */
type Unit = { name: string; run: () => Promise<void>; seconds: number; reaches: Set<number> };

const say = (word: Word): boolean => process.send!(word);
let on = -1;
let reached = new Set<number>();
Object.assign(globalThis, {
  __mutant: (number: number): boolean => {
    reached.add(number);
    return number === on;
  },
});
// A test that failed half-way may leave something behind that fails later.
process.on('unhandledRejection', () => {});
process.on('uncaughtException', () => {});
process.once('disconnect', () => process.exit());
process.once('message', (job: Job) => {
  work(job).then(
    () => say({ say: 'end' }),
    (error: Error) => say({ say: 'red', test: '', why: error.stack ?? error.message }),
  );
});

async function work({ root, files, tests, database, skip, budget }: Job): Promise<void> {
  const found = files.map((file, index) => ({ file, index }));
  const sources = new Map<string, string>();
  const names: string[] = [];
  for (const { file } of found) {
    const path = join(root, file);
    const { mutants, switched } = mutantsOf(file, readFileSync(path, 'utf8'), names.length);
    names.push(...mutants.map(({ name }) => name));
    sources.set(pathToFileURL(path).href, switched);
  }
  const shim = new URL('shim.ts', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'vitest' && context.parentURL !== shim ? next(shim, context) : next(specifier, context),
    load: (url, context, next) => {
      const source = sources.get(url);
      return source === undefined
        ? next(url, context)
        : { format: 'module-typescript', source, shortCircuit: true };
    },
  });
  const { collected, provide } = (await import(shim)) as typeof import('./shim.ts');
  provide(database ? { url: database } : { failed: 'no database was started' });
  const units: Unit[] = [];
  for (const test of tests) {
    await import(pathToFileURL(join(root, test)).href);
    units.push(...unitsOf(test, collected()));
  }
  // What is red is red: no smaller example of it is looked for.
  fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
  const right: Unit[] = [];
  for (const unit of units) {
    reached = new Set();
    const started = performance.now();
    const why = await redBy(unit);
    unit.seconds = (performance.now() - started) / 1000;
    unit.reaches = reached;
    if (why === undefined) right.push(unit);
    else say({ say: 'red', test: unit.name, why });
  }
  const done = new Set(skip);
  for (const [number, name] of names.entries()) {
    if (done.has(name)) continue;
    say({ say: 'begin', name });
    const near = right.filter(({ reaches }) => reaches.has(number));
    near.sort((one, other) => one.seconds - other.seconds);
    let left = budget;
    let asked = 0;
    let by: string | undefined;
    on = number;
    for (const unit of near) {
      if (left <= 0) break;
      left -= unit.seconds;
      asked += 1;
      if ((await redBy(unit)) === undefined) continue;
      by = unit.name;
      // What found this one is likely to find the next.
      unit.seconds *= 0.7;
      break;
    }
    on = -1;
    if (by) say({ say: 'found', name, by });
    else say({ say: 'lives', name, reached: near.length, asked });
  }
}

const longest = 60_000;

async function redBy(unit: Unit): Promise<string | undefined> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('takes too long')), longest);
  try {
    await Promise.race([unit.run(), promise]);
    return undefined;
  } catch (error) {
    return String((error as Error)?.message ?? error).slice(0, 500);
  } finally {
    clearTimeout(timer);
  }
}

const isCase = (part: Suite | Case): part is Case => 'run' in part;
const casesOf = (suite: Suite): Case[] =>
  suite.parts.flatMap((part) => (isCase(part) ? [part] : casesOf(part)));
const suitesOf = (suite: Suite): Suite[] => [
  suite,
  ...suite.parts.flatMap((part) => (isCase(part) ? [] : suitesOf(part))),
];
const upFrom = (suite: Suite): Suite[] => [...(suite.parent ? upFrom(suite.parent) : []), suite];

function unitsOf(file: string, top: Suite): Unit[] {
  const unit = (name: string, run: () => Promise<void>): Unit => ({
    name,
    run,
    seconds: 0,
    reaches: new Set(),
  });
  const shared = suitesOf(top).some(({ once }) => once.before.length > 0);
  if (shared) return [unit(file, () => runSuite(top))];
  return casesOf(top).map((one) => unit(`${file} > ${one.name}`, () => runCase(one)));
}

async function runSuite(suite: Suite): Promise<void> {
  try {
    for (const run of suite.once.before) await run();
    for (const part of suite.parts) await (isCase(part) ? runCase(part) : runSuite(part));
  } finally {
    for (const run of suite.once.after) await Promise.resolve(run()).catch(() => {});
  }
}

async function runCase({ run, of }: Case): Promise<void> {
  const suites = upFrom(of);
  try {
    for (const { each } of suites) for (const before of each.before) await before();
    await run();
  } finally {
    for (const { each } of [...suites].reverse())
      for (const after of each.after) await Promise.resolve(after()).catch(() => {});
  }
}
