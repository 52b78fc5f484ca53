import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** Whom PostgreSQL runs as; undefined when it runs as whoever runs Remit. */
export type RunAs = { uid: number; gid: number } | undefined;

/**
 * PostgreSQL refuses root. Root hands it to the owner of the data that is there already, and else to the
 * user `nobody` of every Linux; everybody else runs it themselves.
 * @throws Error when the data belongs to somebody else
 */
export function runAs(dataFolder: string): RunAs {
  const self = process.getuid?.();
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (self === 0)
    return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : { uid: 65534, gid: 65534 };
  if (owner && owner.uid !== self) {
    throw new Error(
      `The database in ${dataFolder} belongs to another user (${owner.uid}). Start Remit as that user or as root, or give it another REMIT_DATA_DIR.`,
    );
  }
  return undefined;
}

/**
 * Whether `path` can be entered (a folder) or run (a file) by that user. Asked by trying: reading modes
 * would miss access lists and mount options.
 * @throws Error when this root may not become another user at all (some containers)
 */
export function canUse(path: string, as: RunAs): boolean {
  const tried = spawnSync('/bin/sh', ['-c', '[ -x "$0" ]', path], { ...as, cwd: '/', stdio: 'ignore' });
  if (tried.error) {
    throw new Error(
      'The embedded PostgreSQL does not run as root, and this root may not start it as another user. Start Remit as an ordinary user, or set DATABASE_URL.',
    );
  }
  return tried.status === 0;
}
