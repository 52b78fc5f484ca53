import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const dist = join(here, 'dist');
const stamp = join(dist, '.built-from');

/**
 * Builds the portal when its sources are newer than what stands in `dist`: a clean clone has no build, and an update
 * must not serve an old one.
 * @param log told before the build, which takes some seconds
 */
export async function ensureBuilt(log: (line: string) => void): Promise<void> {
  const sources = fingerprint();
  if (isBuiltFrom(sources)) return;
  log('Building the portal (first start, some seconds) …');
  // A process of its own: the bundler stays out of the server's memory, and a test's NODE_ENV out of the build.
  const child = spawn(process.execPath, [import.meta.filename], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`The portal could not be built.\n${complaint}`);
}

const isBuiltFrom = (sources: string): boolean =>
  existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;

/** Built aside and put in place at once: another process may be serving or building the same folder. */
async function buildPortal(): Promise<void> {
  const sources = fingerprint();
  const { build } = await import('vite');
  const fresh = join(here, `.dist-${process.pid}`);
  try {
    await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'error', build: { outDir: fresh } });
    writeFileSync(join(fresh, '.built-from'), sources);
    // who built the same meanwhile may be serving it already
    while (!isBuiltFrom(sources)) {
      rmSync(dist, { recursive: true, force: true });
      try {
        renameSync(fresh, dist);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
      }
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const files = globSync(
    [
      'src/**/*',
      'public/**/*',
      'index.html',
      'vite.config.ts',
      '../package-lock.json',
      '../src/server/operations.gen.ts',
    ],
    { cwd: here, withFileTypes: true },
  );
  for (const file of files
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort())
    hash.update(file.slice(here.length)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

if (import.meta.main) await buildPortal();
