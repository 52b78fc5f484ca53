import { expect, it } from 'vitest';
import { runTraces } from './traces.ts';

/** Half of the traces; the other half runs beside it, on a database of its own. */
const long = process.env.REMIT_TEST_LONG === '1' || process.env.REMIT_MODEL_SECONDS !== undefined;
const seconds = Number(process.env.REMIT_MODEL_SECONDS ?? (long ? 3600 : 75));
// The same traces on every machine: as many as two quiet cores do in 50 s; others need the rest of the quarter of an hour.
const most = long ? Number.POSITIVE_INFINITY : 50;

it(
  'does what the naive model of the design does, on random traces',
  async () => {
    const { failures, line } = await runTraces(1, seconds, most);
    console.log(line);
    // what differed was printed when it was found
    expect(failures.length).toBe(0);
  },
  (seconds + 600) * 1000,
);
