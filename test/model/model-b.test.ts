import { expect, it } from 'vitest';
import { runTraces } from './traces.ts';

/** Half of the traces; the other half runs beside it, on a database of its own. */
const seconds = Number(process.env.REMIT_MODEL_SECONDS ?? (process.env.REMIT_TEST_LONG === '1' ? 3600 : 230));

it(
  'does what the naive model of the design does, on random traces',
  async () => {
    const { failures, line } = await runTraces(1, seconds);
    console.log(line);
    // what differed was printed when it was found
    expect(failures.length).toBe(0);
  },
  (seconds + 600) * 1000,
);
