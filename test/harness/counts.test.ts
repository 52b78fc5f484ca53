import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { countsOf, failuresOf } from './counts.ts';

const dir = mkdtempSync(join(tmpdir(), 'remit-counts-'));
afterAll(() => rmSync(dir, { recursive: true }));

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

it.each([
  ['all right', [file('passed', 'passed', 'passed')], 0, { passed: 2, failed: 0, skipped: 0 }],
  ['a failed test', [file('failed', 'passed', 'failed')], 1, { passed: 1, failed: 1, skipped: 0 }],
  [
    'skipped in any way',
    [file('passed', 'pending', 'todo', 'passed')],
    0,
    { passed: 1, failed: 0, skipped: 2 },
  ],
  ['a file that cannot be imported', [file('failed')], 1, { passed: 0, failed: 1, skipped: 0 }],
  ['a broken hook', [file('failed', 'pending', 'passed')], 1, { passed: 1, failed: 1, skipped: 1 }],
  ['an error outside any file', [file('passed', 'passed')], 1, { passed: 1, failed: 1, skipped: 0 }],
  ['no file at all', [], 1, { passed: 0, failed: 1, skipped: 0 }],
])('%s', (name, testResults, exitCode, expected) => {
  const path = join(dir, `${name}.json`);
  writeFileSync(path, JSON.stringify({ testResults }));
  expect(countsOf(path, exitCode)).toEqual(expected);
});

it('a run that wrote no report', () => {
  expect(countsOf(join(dir, 'nowhere.json'), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

it('names what failed, and the file that could not run', () => {
  const path = join(dir, 'failures.json');
  const testResults = [
    { ...file('failed', 'passed', 'failed'), name: '/a/one.test.ts' },
    { ...file('failed'), name: '/a/two.test.ts' },
    { ...file('passed', 'passed'), name: '/a/three.test.ts' },
  ];
  Object.assign(testResults[0]!.assertionResults[1]!, { fullName: 'counts rightly' });
  writeFileSync(path, JSON.stringify({ testResults }));
  expect(failuresOf(path)).toEqual(['one.test.ts: counts rightly', 'two.test.ts']);
});
