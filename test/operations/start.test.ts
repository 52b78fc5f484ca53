import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { demoPassword } from '../../demo/people.ts';
import { freePort } from '../harness/free-port.ts';
import { Visitor } from '../harness/visitor.ts';

/** The process as `npm start` runs it: embedded database, demo, and a Ctrl-C. */
const dataDir = mkdtempSync(join(tmpdir(), 'remit-start-'));
const running = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of running) {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
  rmSync(dataDir, { recursive: true, force: true });
});

type Started = {
  child: ChildProcess;
  output: () => string;
  ready: Promise<unknown>;
  ended: Promise<number | null>;
};

function startRemit(port: number, settings: Record<string, string> = {}): Started {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: { PATH, HOME, PORT: String(port), REMIT_MANAGEMENT_PORT: '0', REMIT_DATA_DIR: dataDir, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  let tell: () => void;
  const ready = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const read = (chunk: Buffer): void => {
    output += chunk;
    if (output.includes('Remit is ready at')) tell();
  };
  child.stdout!.on('data', read);
  child.stderr!.on('data', read);
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return { child, output: () => output, ready: Promise.race([ready, ended]), ended };
}

const signIn = (port: number) =>
  new Visitor(`http://localhost:${port}`).call('session.create', {
    email: 'mara@acme-solar.example',
    password: demoPassword,
  });

it('starts with demo data, says so to a second start, stops by Ctrl-C, and keeps the data', async () => {
  const port = await freePort();
  const first = startRemit(port);
  await first.ready;
  expect(first.output()).toContain(`Remit is ready at http://localhost:${port}`);
  expect(first.output()).toContain('petra@lumen.example');
  const before = await signIn(port);
  expect(statSync(join(dataDir, 'secret-keys')).mode & 0o777).toBe(0o600);

  const second = startRemit(await freePort());
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`Remit is already running on ${dataDir}`);

  first.child.kill('SIGINT');
  expect(await first.ended).toBe(0);
  expect(first.output()).toContain('Remit has stopped. Your data is kept.');

  const again = startRemit(port);
  await again.ready;
  expect(again.output()).not.toContain('Loading demo data');
  expect((await signIn(port)).userId).toBe(before.userId);
  again.child.kill('SIGINT');
  expect(await again.ended).toBe(0);

  // A demo's sign-ins are public: its data never becomes a real instance (ruling 17).
  const real = startRemit(await freePort(), { REMIT_DEMO: 'off' });
  expect(await real.ended).toBe(1);
  expect(real.output()).toContain('This database was made as a demo');
}, 120_000);

it('refuses an unknown setting with a sentence', async () => {
  const started = startRemit(await freePort(), { REMIT_PROT: '4000' });
  expect(await started.ended).toBe(1);
  expect(started.output()).toContain('REMIT_PROT');
});
