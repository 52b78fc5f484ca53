import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * When the process with this id began, in a form only good for comparing; undefined when there is none.
 * Process ids are given out again, so an id alone says nothing about a process of the past.
 */
export function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') {
    const seen = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return seen.stdout?.trim() || undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the name in parentheses may hold anything, so count from the last one; start is field 22, state 3
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Whether that process is the PostgreSQL of this data folder; a postmaster always stands in it. */
export function isPostgresOf(pid: number, dataFolder: string): boolean {
  if (process.platform !== 'linux') {
    const seen = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return seen.stdout.includes('postgres') && seen.stdout.includes(dataFolder);
  }
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dataFolder;
  } catch {
    return false;
  }
}
