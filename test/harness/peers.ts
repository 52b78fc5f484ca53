import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

/** Programs of others that tests run for real. Their Debian packages bring them all. */
const peers = {
  slapd: {
    packages: 'slapd ldap-utils',
    programs: ['slapd', 'slapadd', 'ldapsearch', 'ldapmodify', 'ldapwhoami'],
  },
  samba: {
    packages: 'samba-ad-dc samba-ad-provision ldap-utils',
    programs: ['samba', 'samba-tool', 'ldapsearch'],
  },
  mariadb: {
    packages: 'mariadb-server-core mariadb-client-core',
    programs: ['mariadbd', 'mariadb-install-db', 'mariadb'],
  },
} as const;
export type Peer = keyof typeof peers;

/** Servers stand where an ordinary user's PATH does not look. */
const folders = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/sbin',
  '/usr/libexec',
];

/** Where a program is; undefined when this machine has none. */
export function programPath(name: string): string | undefined {
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** @throws Error with the sentence that says what to install */
export function programOf(peer: Peer, name: string): string {
  const found = programPath(name);
  if (!found) throw new Error(missing(peer) ?? `${name} is not on this machine.`);
  return found;
}

/** What is not here and how to get it; undefined when everything is. */
export function missing(peer: Peer): string | undefined {
  const { packages, programs } = peers[peer];
  const without = programs.filter((name) => !programPath(name));
  // Its ports are fixed in its code, below those that everybody may take.
  if (without.length === 0 && peer === 'samba' && process.getuid?.() !== 0)
    return 'samba takes the ports 389 and 636, which only root may';
  if (without.length === 0) return undefined;
  return `${without.join(', ')} not found on this machine; on Debian: apt-get install ${packages}`;
}

/** A build machine proves everything; a newcomer's laptop what it can. */
const required = process.env.CI === 'true' || process.env.REMIT_TEST_PEERS === 'required';

/**
 * `describe` for what needs another's program. Without it the tests are skipped and their title says why; where the
 * programs are required (CI=true, REMIT_TEST_PEERS=required) that is a failure.
 */
export function describeWith(peer: Peer, title: string, body: () => void): void {
  const sentence = missing(peer);
  if (!sentence) describe(title, body);
  else if (required)
    describe(title, () => {
      it(`has ${peer}`, () => {
        throw new Error(sentence);
      });
    });
  else describe.skip(`${title} (skipped: ${sentence})`, body);
}
