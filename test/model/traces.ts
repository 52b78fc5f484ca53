/** As many random traces as the time holds, on one clone of the database; each failure is printed so that it can be run again. */

import fc from 'fast-check';
import { testDatabase } from '../harness/database.ts';
import { kindsOfStep } from './choose.ts';
import { openBench, runTrace, type Trace } from './run-trace.ts';

const step = fc.record({
  kind: fc.nat(kindsOfStep - 1),
  n: fc.array(fc.nat(4095), { minLength: 10, maxLength: 10 }),
});
export const traces: fc.Arbitrary<Trace> = fc.record({
  odd: fc.nat(255),
  seed: fc.nat(65_535),
  together: fc.nat(5).map((one) => one === 5),
  steps: fc.array(step, { minLength: 20, maxLength: 40, size: 'max' }),
});

/** Traces of one seed at a time: what failed is found again by its seed and path. */
const batch = 25;

/** How long a trace that fails is made shorter. */
const shorteningSeconds = 60;

export type Summary = { failures: string[]; line: string };

/**
 * @param worker which of the workers this is: each has seeds of its own
 * @param most traces at most: the short run asks the same everywhere, however fast the machine
 * @param seconds how long. REMIT_MODEL_SEED and REMIT_MODEL_PATH run again what failed; REMIT_MODEL_SHRINK=0 leaves it long
 */
export async function runTraces(
  worker: number,
  seconds: number,
  most = Number.POSITIVE_INFINITY,
): Promise<Summary> {
  const bench = await openBench(await testDatabase({ max: 3 }));
  const failures: string[] = [];
  const started = Date.now();
  const until = started + seconds * 1000;
  const given = process.env.REMIT_MODEL_SEED;
  const path = process.env.REMIT_MODEL_PATH;
  // Somewhat longer where a trace that failed is being made shorter.
  let last = until;
  const property = fc.asyncProperty(traces, async (trace) => {
    if (Date.now() > last || bench.count.traces >= most) return;
    try {
      await runTrace(bench, trace);
    } catch (error) {
      if (last === until) last = Math.max(until, Date.now() + shorteningSeconds * 1000);
      throw error;
    }
  });
  // The short run asks the same each time, as far as its time holds; the long one goes where nobody has been.
  const first = process.env.REMIT_TEST_LONG === '1' ? Math.floor(Math.random() * 1_000_000) * 2 : 2_000;
  let seed = given ? Number(given) : first + worker;
  try {
    do {
      last = until;
      const result = await fc.check(property, {
        seed,
        numRuns: batch,
        ...(path ? { path, endOnFailure: true } : {}),
        ...(process.env.REMIT_MODEL_SHRINK === '0' ? { endOnFailure: true } : {}),
      });
      if (result.failed && result.counterexample) {
        const again = `REMIT_MODEL_SEED=${result.seed} REMIT_MODEL_PATH=${result.counterexamplePath}`;
        failures.push(`${again}\n${(result.errorInstance as Error | undefined)?.message}`);
        console.error(`\nThe model and the product differ. To run it again: ${again}\n${failures.at(-1)}\n`);
        if (failures.length >= 5) break;
      }
      seed += 2;
    } while (Date.now() < until && bench.count.traces < most && !path);
  } finally {
    await bench.close();
  }
  const { count } = bench;
  const mean = (count.steps / count.traces).toFixed(1);
  const took = ((Date.now() - started) / 1000).toFixed(0);
  return {
    failures,
    line: `model ${worker}: ${count.traces} traces of mean length ${mean} in ${took} s; ${JSON.stringify(count)}`,
  };
}
