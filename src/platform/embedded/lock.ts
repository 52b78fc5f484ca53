import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOf } from './processes.ts';

/** Somebody else runs on this data directory. The message is for the person who started the second one. */
export class DataDirInUse extends Error {
  constructor(dataDir: string, where: string) {
    super(
      `Remit is already running on ${dataDir} (${where}). Use that one, stop it first, or give this one its own REMIT_DATA_DIR.`,
    );
    this.name = 'DataDirInUse';
  }
}

export type Lock = { release(): void };

/**
 * Takes `place` for this process. The lock names the process by id and start, so that one left by a killed
 * process is seen through even when its id was given out again.
 * @throws {DataDirInUse}
 */
export function lock(place: string, dataDir: string): Lock {
  const file = join(place, 'lock');
  const mine = `${JSON.stringify({ pid: process.pid, start: startOf(process.pid), key: randomUUID() })}\n`;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, mine, { mode: 0o644 });
  try {
    // Each round either takes the lock, finds a living holder, or clears one dead holder away.
    for (let round = 0; round < 20; round++) {
      if (linkIfFree(draft, file)) return { release: () => releaseIfMine(file, mine) };
      const held = readIfThere(file);
      if (held === undefined) continue;
      const { pid, start } = parse(held);
      if (pid !== undefined && startOf(pid) !== undefined && startOf(pid) === start)
        throw new DataDirInUse(dataDir, `process ${pid}`);
      clearAway(file, held);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new Error(`Several starts at once on ${dataDir}. Start Remit once more.`);
}

// A hard link is the one file operation that fails when the name is taken and carries its content at once.
function linkIfFree(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

// Between our look and our move another start may have taken the lock: then it gets it back.
function clearAway(file: string, dead: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== dead) linkIfFree(aside, file);
  rmSync(aside);
}

function releaseIfMine(file: string, mine: string): void {
  if (readIfThere(file) === mine) rmSync(file);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): { pid?: number; start?: string } {
  try {
    return JSON.parse(text) as { pid?: number; start?: string };
  } catch {
    return {};
  }
}
