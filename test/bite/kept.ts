import { join } from 'node:path';
import { createVitest, type Vitest } from 'vitest/node';

/** A runner of tests that stays: one PostgreSQL, and what did not change is not read and translated again. */
export type Kept = {
  /** Runs test files one after the other until one is red; its name, or undefined when all are green. */
  firstRed: (files: readonly string[]) => Promise<string | undefined>;
  /** To be called for a source file that was written anew. */
  changed: (file: string) => void;
  close: () => Promise<void>;
};

/** A mistake can make a loop endless; no test file takes this long otherwise. */
const endless = 300_000;

/** @param folder a copy of the code (see copy.ts) */
export async function keepRunner(folder: string): Promise<Kept> {
  let vitest = await open(folder);
  const isRed = async (file: string): Promise<boolean> => {
    const path = join(folder, file);
    const specification = vitest.getRootProject().createSpecification(path);
    const { promise: tooLong, resolve: give } = Promise.withResolvers<'endless'>();
    const timer = setTimeout(() => give('endless'), endless);
    const result = await Promise.race([vitest.runTestSpecifications([specification]), tooLong]);
    clearTimeout(timer);
    if (result === 'endless') {
      await vitest.close();
      vitest = await open(folder);
      return true;
    }
    // It tells of the files that ran earlier, too.
    const own = result.testModules.filter(({ moduleId }) => moduleId === path);
    return result.unhandledErrors.length > 0 || own.length === 0 || own.some((module) => !module.ok());
  };
  return {
    firstRed: async (files) => {
      for (const file of files) if (await isRed(file)) return file;
      return undefined;
    },
    changed: (file) => vitest.invalidateFile(join(folder, file)),
    close: () => vitest.close(),
  };
}

const open = (folder: string): Promise<Vitest> =>
  createVitest('test', {
    root: folder,
    config: false,
    watch: false,
    bail: 1,
    maxWorkers: 1,
    reporters: [{}],
    include: ['src/**/*.test.ts', 'test/operations/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: join(folder, 'test/harness/global-setup.ts'),
  });
