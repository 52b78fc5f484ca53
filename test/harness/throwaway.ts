import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Short, for sockets have a path of at most 107 characters. */
const parent = '/tmp';
const prefix = 'remit-peer-';

/** A folder for a server of a test; what a killed run left behind goes first. `removeFolder` ends it. */
export function throwawayFolder(name: string): string {
  sweep();
  const folder = mkdtempSync(join(parent, `${prefix}${name}-`));
  writeFileSync(join(folder, 'owner'), String(process.pid));
  return folder;
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

export type Running = { pid: number; stop(): Promise<void> };

/**
 * Starts a server that stays in the foreground, and waits until its port takes connections.
 * @throws Error with what it wrote when it ends instead
 */
export async function startServer(
  program: string,
  args: readonly string[],
  {
    folder,
    host = '127.0.0.1',
    port,
    env = {},
    seconds = 20,
  }: {
    folder: string;
    host?: string;
    port: number;
    env?: Record<string, string>;
    seconds?: number;
  },
): Promise<Running> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  const hear = (part: Buffer): void => {
    said = (said + part.toString()).slice(-4000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.on('error', (error) => hear(Buffer.from(error.message)));
  writeFileSync(join(folder, `process-${child.pid}`), '');
  const lastMoment = (): void => end(child, 'SIGKILL');
  process.once('exit', lastMoment);
  const until = Date.now() + seconds * 1000;
  while (!(await answers(host, port))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) {
      end(child, 'SIGKILL');
      throw new Error(`${program} did not start: ${said.trim()}`);
    }
    await delay(20);
  }
  return {
    pid: child.pid!,
    async stop() {
      process.off('exit', lastMoment);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise<void>((done) => child.once('exit', () => done()));
      end(child, 'SIGTERM');
      const late = setTimeout(() => end(child, 'SIGKILL'), 5000);
      await gone;
      clearTimeout(late);
    },
  };
}

/** With its children: it has a process group of its own. */
function end(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {
    // gone already
  }
}

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });

function sweep(): void {
  for (const name of readdirSync(parent).filter((name) => name.startsWith(prefix))) {
    const folder = join(parent, name);
    try {
      if (!existsSync(join(folder, 'owner')) || alive(Number(readFileSync(join(folder, 'owner'), 'utf8'))))
        continue;
      for (const file of readdirSync(folder).filter((file) => file.startsWith('process-'))) {
        const pid = Number(file.slice('process-'.length));
        // The number may be another's by now: only what was started in this folder is ours.
        if (alive(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder))
          process.kill(-pid, 'SIGKILL');
      }
      removeFolder(folder);
    } catch {
      // another user's, or another run is just at it
    }
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}
