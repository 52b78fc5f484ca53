import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { canUse, type RunAs, runAs } from './run-as.ts';

/** The one folder outside a data directory that Remit ever makes, and only for root. */
export const outsideRoot = '/var/lib/remit';

const pointer = 'database-is-at';

/** Where a database stands: `folder` is ours, `data` within it is PostgreSQL's. */
export type Place = { folder: string; data: string; as: RunAs };

/**
 * The place of the database of `dataDir`: that folder itself, or, when the database's user cannot enter it
 * (below root's home, say), one under /var/lib/remit that `dataDir` points to. A new data directory always
 * means a new database: the pointer, not the path, names the place.
 */
export function placeFor(dataDir: string): Place {
  const dir = ownFolder(dataDir);
  const as = runAs(dataOf(dir));
  if (!as || canUse(dir, as)) return { folder: dir, data: dataOf(dir), as };
  const outside = pointedTo(dir) ?? makeOutside(dir);
  return { folder: outside, data: dataOf(outside), as: runAs(dataOf(outside)) };
}

const dataOf = (folder: string): string => join(folder, 'postgres');

function ownFolder(dataDir: string): string {
  try {
    // 0711: PostgreSQL's user passes through to what is its own, and sees nothing else
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
    return realpathSync(dataDir);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Error(
      `Remit cannot write to ${dataDir} (${code}). Change its owner, or set REMIT_DATA_DIR to a folder of yours.`,
    );
  }
}

function pointedTo(dir: string): string | undefined {
  const file = join(dir, pointer);
  if (!existsSync(file)) return undefined;
  const place = readFileSync(file, 'utf8').trim();
  if (existsSync(place)) return place;
  throw new Error(
    `The database of ${dir} was at ${place}, and that folder is gone. Bring it back, or delete ${file} to begin with an empty one.`,
  );
}

function makeOutside(dir: string): string {
  mkdirSync(outsideRoot, { recursive: true, mode: 0o711 });
  const name = basename(dirname(dir)).replaceAll(/[^\w-]/g, '') || 'data';
  const place = mkdtempSync(join(outsideRoot, `${name.slice(0, 20)}-`));
  chmodSync(place, 0o711);
  writeFileSync(join(dir, pointer), `${place}\n`);
  return place;
}
