/**
 * `npm test`: types, lint, then every suite, and one line with the sum at the end.
 *
 *   npm test                        everything
 *   npm test -- --only operations   one suite (types, lint, unit, operations, races, matrix, probes, model, requests,
 *                                   lifecycle, scim, house, browser)
 *   npm run test:long               more random runs in the suites that have them (REMIT_TEST_LONG=1),
 *                                   and the model and the requests for an hour each, or
 *                                   REMIT_MODEL_SECONDS and REMIT_REQUESTS_SECONDS
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { add, type Counts, countsOf, failuresOf, line, none, one, secondsOf } from './harness/counts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'remit-reports-'));
const bin = (path: string) => join(root, 'node_modules', path);

/** Folders of each suite, as vitest.config.ts has them. */
const suites = {
  unit: ['src', 'portal', 'demo', 'bench', 'test/harness'],
  operations: ['test/operations', 'test/story'],
  races: ['test/races'],
  matrix: ['test/matrix'],
  probes: ['test/probes'],
  model: ['test/model'],
  requests: ['test/requests'],
  lifecycle: ['test/lifecycle', 'test/provisioning', 'test/connectors'],
  scim: ['test/scim'],
  house: ['test/house'],
  browser: ['test/browser'],
} as const satisfies Record<string, readonly string[]>;
type Suite = keyof typeof suites;
const all = Object.keys(suites) as Suite[];
const checks = {
  types: () => check('types', bin('typescript/bin/tsc'), '-p', '.'),
  lint: () => check('lint', bin('@biomejs/biome/bin/biome'), 'check'),
};

const { values } = parseArgs({ options: { only: { type: 'string' }, long: { type: 'boolean' } } });
const { only } = values;
if (only && !(only in suites) && !(only in checks)) {
  console.error(`There is no suite ${only}; choose one of ${[...Object.keys(checks), ...all].join(', ')}.`);
  process.exit(2);
}

let total = none;
const summary: string[] = [];
const failures: string[] = [];
const started = Date.now();
const took = (seconds: number): string => `${seconds.toFixed(1)} s`;
const count = (name: string, counts: Counts, seconds: string): void => {
  summary.push(`${name.padEnd(12)}${line(counts)} (${seconds})`);
  total = add(total, counts);
};

for (const [name, run] of Object.entries(checks)) {
  if (only && only !== name) continue;
  const since = Date.now();
  count(name, await run(), took((Date.now() - since) / 1000));
}
const wanted = only ? all.filter((name) => name === only) : all;
if (wanted.length > 0) await vitest(wanted);
rmSync(reports, { recursive: true });

console.log(`\n${summary.join('\n')}`);
if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}`);
// A skipped test proves nothing; where nobody looks, it fails the run.
const skippedInCi = total.skipped > 0 && process.env.CI === 'true';
if (total.skipped > 0)
  console.log(`\n!!! ${total.skipped} skipped${skippedInCi ? ', which fails a CI run' : ''} !!!`);
console.log(`in ${took((Date.now() - started) / 1000)}`);
console.log(line(total));
process.exitCode = total.failed > 0 || skippedInCi ? 1 : 0;

async function check(name: string, program: string, ...args: string[]): Promise<Counts> {
  console.log(`\n== ${name} ==`);
  const code = await run([program, ...args]);
  console.log(code === 0 ? `${name}: right` : `${name}: failed`);
  return one(code === 0);
}

/** All in one run: while the last file of one suite is at work, those of others are, too, and there is one database server. */
async function vitest(wanted: readonly Suite[]): Promise<void> {
  if (wanted.includes('browser')) {
    // before the suites, for its files would each find the build stale
    const since = Date.now();
    const built = await check('portal build', join(root, 'portal/ensure-built.ts'));
    count('build', built, took((Date.now() - since) / 1000));
  }
  console.log(`\n== ${wanted.join(', ')} ==`);
  const report = join(reports, 'report.json');
  const code = await run([
    bin('vitest/vitest.mjs'),
    'run',
    ...wanted.flatMap((name) => ['--project', name]),
    '--allowOnly=false',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  let failed = 0;
  for (const name of wanted) {
    const inSuite = (file: string): boolean => suiteOf(file) === name;
    const counts = countsOf(report, 0, inSuite);
    failed += counts.failed;
    count(name, counts, `${took(secondsOf(report, inSuite))} of one worker`);
    failures.push(...failuresOf(report, inSuite).map((test) => `${name}: ${test}`));
  }
  // Something went wrong that no file shows.
  if (code !== 0 && failed === 0) count('the run', one(false), 'ended badly');
}

function suiteOf(file: string): Suite | undefined {
  const path = relative(root, file);
  if (path.endsWith('.browser.test.ts')) return 'browser';
  return all.find((name) => suites[name].some((folder) => path.startsWith(`${folder}/`)));
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
