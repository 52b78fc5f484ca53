/** As many random traces as the time holds, on one clone of the database; each failure is printed so that it can be run again. */

import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import fc from 'fast-check';
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

export type Summary = { failures: string[]; line: string };

/**
 * @param worker which of the workers this is: each has seeds of its own
 * @param seconds how long; REMIT_MODEL_SECONDS overrides it
 */
export async function runTraces(worker: number, seconds: number): Promise<Summary> {
  const bench = await openBench();
  const session = process.env.PROF ? new Session() : undefined;
  session?.connect();
  session?.post('Profiler.enable');
  session?.post('Profiler.start');
  const failures: string[] = [];
  const started = Date.now();
  const until = started + seconds * 1000;
  const given = process.env.REMIT_MODEL_SEED;
  const path = process.env.REMIT_MODEL_PATH;
  let seed = given ? Number(given) : Math.floor(Math.random() * 1_000_000) * 2 + worker;
  try {
    do {
      const result = await fc.check(
        fc.asyncProperty(traces, (trace) => runTrace(bench, trace)),
        {
          seed,
          numRuns: batch,
          ...(path ? { path } : {}),
          interruptAfterTimeLimit: Math.max(1000, until - Date.now()),
          // a trace that fails is shortened, but not for ever
          ...(process.env.REMIT_MODEL_SHRINK === '0' ? { endOnFailure: true } : {}),
        },
      );
      if (result.failed && result.counterexample) {
        const again = `REMIT_MODEL_SEED=${result.seed} REMIT_MODEL_PATH=${result.counterexamplePath}`;
        failures.push(`${again}\n${(result.errorInstance as Error | undefined)?.message}`);
        console.error(`\nThe model and the product differ. To run it again: ${again}\n${failures.at(-1)}\n`);
        if (failures.length >= 5) break;
      }
      seed += 2;
    } while (Date.now() < until && !path);
  } finally {
    if (process.env.PROF) await pgcpu(bench);
    await bench.close();
  }
  const { count } = bench;
  const cpu = process.cpuUsage();
  console.log('CPU', (cpu.user + cpu.system) / 1e6);
  if (session)
    await new Promise<void>((done) =>
      session.post('Profiler.stop', (_, { profile }) => {
        writeFileSync('/tmp/remit/s3/p.cpuprofile', JSON.stringify(profile));
        done();
      }),
    );
  const mean = (count.steps / count.traces).toFixed(1);
  const took = ((Date.now() - started) / 1000).toFixed(0);
  return {
    failures,
    line: `model ${worker}: ${count.traces} traces of mean length ${mean} in ${took} s; ${JSON.stringify(count)}`,
  };
}

async function pgcpu(bench: Awaited<ReturnType<typeof openBench>>) {
  const { execSync } = await import('node:child_process');
  const { rows } = await bench.database.pool.query(
    "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid",
  );
  const out = execSync(
    `for p in $(cat /proc/${rows[0].pid}/task/*/children) ${rows[0].pid}; do awk '{print $14+$15+$16+$17, $2}' /proc/$p/stat; done; tr '\\0' ' ' < /proc/${rows[0].pid}/cmdline`,
  ).toString();
  console.log('PG', out);
  const st = await bench.database.pool.query('select count(*) from pg_stat_activity');
  console.log(st.rows);
}
