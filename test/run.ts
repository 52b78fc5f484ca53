/**
 * `npm test`: types, lint, then every suite, and one line with the sum at the end.
 *
 *   npm test                        everything
 *   npm test -- --only operations   one suite (types, lint, unit, operations, races, matrix, probes, model, requests, house, browser)
 *   npm run test:long               more random runs in the suites that have them (REMIT_TEST_LONG=1),
 *                                   and the model and the requests for an hour each, or
 *                                   REMIT_MODEL_SECONDS and REMIT_REQUESTS_SECONDS
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { add, type Counts, countsOf, failuresOf, line, none, one } from './harness/counts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'remit-reports-'));
const bin = (path: string) => join(root, 'node_modules', path);

const suites: Record<string, () => Promise<Counts>> = {
  types: () => check('types', bin('typescript/bin/tsc'), '-p', '.'),
  lint: () => check('lint', bin('@biomejs/biome/bin/biome'), 'check'),
  unit: () => vitest('unit'),
  operations: () => vitest('operations'),
  races: () => vitest('races'),
  matrix: () => vitest('matrix'),
  probes: () => vitest('probes'),
  model: () => vitest('model'),
  requests: () => vitest('requests'),
  house: () => vitest('house'),
  browser: async () => {
    // before the suite, for its files would each find the build stale
    const built = await check('portal build', join(root, 'portal/ensure-built.ts'));
    return add(built, await vitest('browser'));
  },
};

const { values } = parseArgs({ options: { only: { type: 'string' }, long: { type: 'boolean' } } });
if (values.only && !(values.only in suites)) {
  console.error(`There is no suite ${values.only}; choose one of ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}

let total = none;
const summary: string[] = [];
const failures: string[] = [];
for (const [name, run] of Object.entries(suites)) {
  if (values.only && values.only !== name) continue;
  const started = Date.now();
  const counts = await run();
  summary.push(`${name.padEnd(12)}${line(counts)} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  total = add(total, counts);
}
rmSync(reports, { recursive: true });

console.log(`\n${summary.join('\n')}`);
if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}`);
// A skipped test proves nothing; where nobody looks, it fails the run.
const skippedInCi = total.skipped > 0 && process.env.CI === 'true';
if (total.skipped > 0)
  console.log(`\n!!! ${total.skipped} skipped${skippedInCi ? ', which fails a CI run' : ''} !!!`);
console.log(line(total));
process.exitCode = total.failed > 0 || skippedInCi ? 1 : 0;

async function check(name: string, program: string, ...args: string[]): Promise<Counts> {
  console.log(`\n== ${name} ==`);
  const code = await run([program, ...args]);
  console.log(code === 0 ? `${name}: right` : `${name}: failed`);
  return one(code === 0);
}

async function vitest(name: string): Promise<Counts> {
  console.log(`\n== ${name} ==`);
  const report = join(reports, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run([
    bin('vitest/vitest.mjs'),
    'run',
    '--project',
    name,
    '--allowOnly=false',
    ...reporters,
  ]);
  failures.push(...failuresOf(report).map((test) => `${name}: ${test}`));
  return countsOf(report, code);
}

// Everything runs on the Node that runs this file, whatever the shell's `node` is.
function run(args: string[]): Promise<number> {
  const env = {
    ...process.env,
    PATH: `${bin('.bin')}:${process.env.PATH ?? ''}`,
    ...(values.long ? { REMIT_TEST_LONG: '1' } : {}),
  };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGTERM', pass);
      resolve(code ?? 1);
    });
  });
}
