import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority } from './certificate.ts';
import { type LdifEntry, parseLdif } from './ldif.ts';
import { programOf } from './peers.ts';
import { runProgram } from './slapd.ts';
import { removeFolder, startServer, throwawayFolder } from './throwaway.ts';

/** A real domain controller of Samba, on an address of loopback of its own: its ports are fixed in its code. */
export type Samba = {
  host: string;
  /** 636, and 389 with StartTLS */
  tlsPort: number;
  port: number;
  suffix: string;
  people: string;
  groups: string;
  manager: { dn: string; password: string };
  trust: string;
  search(filter?: string, options?: { base?: string; attributes?: readonly string[] }): Promise<LdifEntry[]>;
  change(ldif: string): Promise<void>;
  signsIn(dn: string, password: string): Promise<boolean>;
  close(): Promise<void>;
};

const suffix = 'DC=acme,DC=example';
const manager = { dn: `CN=Administrator,CN=Users,${suffix}`, password: 'Provision-1-Canary' };

/** Takes some 10 s. @throws Error with a sentence when Samba is not on this machine; see `describeWith` */
export async function startSamba(): Promise<Samba> {
  const program = programOf('samba', 'samba');
  const folder = throwawayFolder('samba');
  const domain = join(folder, 'dc');
  // Whatever this machine's own configuration says.
  const empty = join(folder, 'provision.conf');
  writeFileSync(empty, '[global]\n');
  await run(programOf('samba', 'samba-tool'), folder, [
    'domain',
    'provision',
    `--targetdir=${domain}`,
    '--realm=ACME.EXAMPLE',
    '--domain=ACME',
    `--adminpass=${manager.password}`,
    '--dns-backend=NONE',
    '--server-role=dc',
    '--host-name=dc1',
    '--host-ip=127.0.0.1',
    `--configfile=${empty}`,
  ]);
  // Two runs at once do not get the same address, as good as never.
  const host = `127.${64 + Math.floor(Math.random() * 128)}.${Math.floor(Math.random() * 256)}.${2 + Math.floor(Math.random() * 250)}`;
  const authority = makeAuthority();
  const issued = authority.issue([host, 'dc1.acme.example']);
  writeFileSync(join(folder, 'authority.pem'), authority.certificate);
  writeFileSync(join(folder, 'server.pem'), issued.certificate);
  writeFileSync(join(folder, 'server.key'), issued.key, { mode: 0o600 });
  mkdirSync(join(folder, 'run'), { mode: 0o755 });
  const config = join(folder, 'smb.conf');
  writeFileSync(config, configuration(folder, domain, host));
  const running = await startServer(program, ['-F', '-M', 'single', '--no-process-group', '-s', config], {
    folder,
    host,
    port: 636,
  });
  const trust = ['-o', `TLS_CACERT=${join(folder, 'authority.pem')}`];
  const address = ['-x', '-H', `ldaps://${host}`, ...trust];
  const asRoot = [...address, '-D', manager.dn, '-w', manager.password];
  const change = async (ldif: string): Promise<void> => {
    await runProgram('ldapmodify', [...asRoot, '-a'], ldif);
  };
  const [people, groups] = [`OU=People,${suffix}`, `OU=Roles,${suffix}`];
  await change([people, groups].map((dn) => `dn: ${dn}\nobjectClass: organizationalUnit\n`).join('\n'));
  return {
    host,
    tlsPort: 636,
    port: 389,
    suffix,
    people,
    groups,
    manager,
    trust: authority.certificate,
    async search(filter = '(objectClass=*)', { base = suffix, attributes = ['*'] } = {}) {
      const options = ['-LLL', '-o', 'ldif-wrap=no', '-b', base];
      return parseLdif(await runProgram('ldapsearch', [...asRoot, ...options, filter, ...attributes]));
    },
    change,
    async signsIn(dn, password) {
      return await runProgram('ldapsearch', [
        ...address,
        ...['-D', dn, '-w', password, '-b', '', '-s', 'base', '(objectClass=*)', '1.1'],
      ]).then(
        () => true,
        (error: Error) => {
          if (/Invalid credentials \(49\)/.test(error.message)) return false;
          throw error;
        },
      );
    },
    async close() {
      await running.stop();
      removeFolder(folder);
    },
  };
}

const configuration = (folder: string, domain: string, host: string): string => `[global]
	netbios name = DC1
	realm = ACME.EXAMPLE
	workgroup = ACME
	server role = active directory domain controller
	server services = ldap
	dcerpc endpoint servers = epmapper
	interfaces = ${host}/8
	bind interfaces only = yes
	disable netbios = yes
	private dir = ${domain}/private
	state directory = ${domain}/state
	cache directory = ${domain}/cache
	lock directory = ${domain}
	binddns dir = ${domain}/bind-dns
	pid directory = ${folder}/run
	ncalrpc dir = ${folder}/run/ncalrpc
	ntp signd socket directory = ${folder}/run/ntp
	winbindd socket directory = ${folder}/run/winbind
	log file = ${folder}/log
	logging = file
	log level = 0
	tls enabled = yes
	tls cafile = ${folder}/authority.pem
	tls certfile = ${folder}/server.pem
	tls keyfile = ${folder}/server.key
	old password allowed period = 0
`;

function run(program: string, folder: string, args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      said = (said + part).slice(-3000);
    });
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) done();
      else fail(new Error(`${program} failed (${code}): ${said.trim()}`));
    });
  });
}
