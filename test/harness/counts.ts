import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';

export type Counts = { passed: number; failed: number; skipped: number };

export const none: Counts = { passed: 0, failed: 0, skipped: 0 };

export const one = (right: boolean): Counts => ({ ...none, [right ? 'passed' : 'failed']: 1 });

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

export const line = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

const report = z.object({
  testResults: z.array(
    z.object({
      status: z.string(),
      name: z.string().default(''),
      startTime: z.number().default(0),
      endTime: z.number().default(0),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string().default('') })),
    }),
  ),
});

/** Which test files are meant, by their whole path. */
export type Wanted = (file: string) => boolean;

const resultsIn = (file: string, wanted: Wanted) =>
  report.parse(JSON.parse(readFileSync(file, 'utf8'))).testResults.filter(({ name }) => wanted(name));

/** How long the files took, one after the other. */
export const secondsOf = (file: string, wanted: Wanted): number =>
  existsSync(file)
    ? resultsIn(file, wanted).reduce((sum, { startTime, endTime }) => sum + endTime - startTime, 0) / 1000
    : 0;

/**
 * Counts vitest's JSON report. A file that failed without a failed test in it (it could not be imported, or a
 * hook broke) counts as one failed test, and so does a run that ended badly for a reason no file shows.
 */
export function countsOf(file: string, exitCode: number, wanted: Wanted = () => true): Counts {
  if (!existsSync(file)) return one(false);
  let counts = none;
  for (const { status, assertionResults } of resultsIn(file, wanted)) {
    const tests = assertionResults.map((test) => test.status);
    const failed = tests.filter((test) => test === 'failed').length;
    const passed = tests.filter((test) => test === 'passed').length;
    const broken = status === 'failed' && failed === 0 ? 1 : 0;
    counts = add(counts, { passed, failed: failed + broken, skipped: tests.length - failed - passed });
  }
  return exitCode !== 0 && counts.failed === 0 ? add(counts, one(false)) : counts;
}

/** What failed, by name: the run says so once more at its end, where nobody has to search for it. */
export function failuresOf(file: string, wanted: Wanted = () => true): string[] {
  if (!existsSync(file)) return [];
  return resultsIn(file, wanted).flatMap(({ status, name, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [basename(name)] : [];
    return failed.map(({ fullName }) => `${basename(name)}: ${fullName}`);
  });
}
