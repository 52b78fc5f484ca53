import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataDirInUse, lock } from './lock.ts';
import { startOf } from './processes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'remit-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const leave = (content: unknown) => writeFileSync(join(folder, 'lock'), `${JSON.stringify(content)}\n`);

it('is held by one, free again after its release, and leaves nothing', () => {
  const held = lock(folder, 'the data');
  expect(() => lock(folder, 'the data')).toThrow(DataDirInUse);
  held.release();
  lock(folder, 'the data').release();
  expect(readdirSync(folder)).toEqual([]);
});

it.each([
  ['a process that is gone', { pid: 2 ** 22 + 1, start: '1' }],
  ['a process id given out again', { pid: process.pid, start: '1' }],
  ['an empty file of a full disk', undefined],
])('sees through %s', (_, content) => {
  leave(content ?? '');
  if (content === undefined) writeFileSync(join(folder, 'lock'), '');
  expect(() => lock(folder, 'the data').release()).not.toThrow();
});

it('lets a lock go that is no longer its own', () => {
  const held = lock(folder, 'the data');
  leave({ pid: process.ppid, start: startOf(process.ppid) });
  held.release();
  expect(() => lock(folder, 'the data')).toThrow(`process ${process.ppid}`);
});

it('is won by one of several that find a dead one at the same moment', async () => {
  leave({ pid: 2 ** 22 + 1, start: '1' });
  const script = `
    import { lock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    console.log('ready');
    process.stdin.once('data', () => {
      try { lock(process.argv[1], 'the data'); console.log('held'); } catch (error) { console.log(error.name); }
    });
    process.stdin.once('end', () => process.exit());`;
  const all = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const lines = createInterface(child.stdout);
      await once(lines, 'line');
      return { child, lines };
    }),
  );
  const said = await Promise.all(
    all.map(async ({ child, lines }) => {
      const answer = once(lines, 'line');
      child.stdin.write('go\n');
      return ((await answer) as [string])[0];
    }),
  );
  expect(said.sort()).toEqual([...Array(5).fill('DataDirInUse'), 'held'].sort());
  for (const { child } of all) {
    child.stdin.end();
    await once(child, 'exit');
  }
});
