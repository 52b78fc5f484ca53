import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority } from './certificate.ts';
import { freePort } from './free-port.ts';
import { type LdifEntry, parseLdif } from './ldif.ts';
import { programOf } from './peers.ts';
import { type Running, removeFolder, startServer, throwawayFolder } from './throwaway.ts';

/** A real OpenLDAP on loopback, in a throw-away folder, as root or as anybody. */
export type Slapd = {
  host: string;
  /** plain, with StartTLS */
  port: number;
  /** encrypted from the first byte */
  tlsPort: number;
  suffix: string;
  people: string;
  groups: string;
  disabled: string;
  /** an account that may write below people, groups and disabled, within the server's limits */
  manager: { dn: string; password: string };
  /** PEM of the authority that signed its certificate */
  trust: string;
  /** What is there, asked by OpenLDAP's own program as the server's root. */
  search(filter?: string, options?: { base?: string; attributes?: readonly string[] }): Promise<LdifEntry[]>;
  /** Changes what is there from outside: LDIF with `changetype`, or entries to be added. */
  change(ldif: string): Promise<void>;
  /** Whether this name and password sign in there. */
  signsIn(dn: string, password: string): Promise<boolean>;
  /** Ends the server; what it holds stays. */
  stop(): Promise<void>;
  /** Starts it again on the same ports, with other lines in its configuration when given. */
  start(options?: SlapdOptions): Promise<void>;
  /** Ends it for good. */
  close(): Promise<void>;
};

export type SlapdOptions = {
  /** lines for the whole server, such as `sizelimit` */
  global?: string;
  /** lines for the database, such as an overlay */
  database?: string;
  /** how much the manager may read (slapd.conf, `limits`) */
  limits?: string;
  /** names and addresses in its certificate */
  names?: readonly string[];
  /** without, StartTLS is refused and there is no encrypted port */
  tls?: boolean;
};

const suffix = 'dc=acme,dc=example';
const people = `ou=people,${suffix}`;
const groups = `ou=groups,${suffix}`;
const disabled = `ou=disabled,${suffix}`;
const root = { dn: `cn=root,${suffix}`, password: 'root-of-the-test' };
const manager = { dn: `cn=remit,${suffix}`, password: 'Provision-1-Canary' };

/** @throws Error with a sentence when slapd is not on this machine; see `describeWith` */
export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  const program = programOf('slapd', 'slapd');
  const folder = throwawayFolder('slapd');
  const host = '127.0.0.1';
  const port = await freePort();
  const tlsPort = await freePort();
  const authority = makeAuthority();
  const config = join(folder, 'slapd.conf');
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'authority.pem'), authority.certificate);
  let encrypted = true;
  configure(options);
  await runProgram('slapadd', ['-q', '-f', config], seed);

  let running: Running | undefined;
  const plain = `ldap://${host}:${port}`;
  const asRoot = ['-x', '-H', plain, '-D', root.dn, '-w', root.password];

  function configure({
    names = [host, 'localhost'],
    tls = true,
    global = '',
    database = '',
    limits = 'size.prtotal=unlimited',
  }: SlapdOptions): void {
    const issued = authority.issue(names);
    writeFileSync(join(folder, 'server.pem'), issued.certificate);
    writeFileSync(join(folder, 'server.key'), issued.key, { mode: 0o600 });
    encrypted = tls;
    writeFileSync(config, configuration(folder, { global, database, limits, tls }));
  }
  async function start(changed?: SlapdOptions): Promise<void> {
    if (changed) configure(changed);
    const addresses = encrypted ? `${plain}/ ldaps://${host}:${tlsPort}/` : `${plain}/`;
    running = await startServer(program, ['-f', config, '-h', addresses, '-d', '0'], { folder, host, port });
  }
  async function stop(): Promise<void> {
    await running?.stop();
    running = undefined;
  }
  await start();
  return {
    host,
    port,
    tlsPort,
    suffix,
    people,
    groups,
    disabled,
    manager,
    trust: authority.certificate,
    async search(filter = '(objectClass=*)', { base = suffix, attributes = ['*', '+'] } = {}) {
      const options = ['-LLL', '-o', 'ldif-wrap=no', '-b', base];
      return parseLdif(await runProgram('ldapsearch', [...asRoot, ...options, filter, ...attributes]));
    },
    async change(ldif) {
      await runProgram('ldapmodify', [...asRoot, '-a'], ldif);
    },
    async signsIn(dn, password) {
      return await runProgram('ldapwhoami', ['-x', '-H', plain, '-D', dn, '-w', password]).then(
        () => true,
        (error: Error) => {
          if (/Invalid credentials \(49\)/.test(error.message)) return false;
          throw error;
        },
      );
    },
    stop,
    start,
    async close() {
      await stop();
      removeFolder(folder);
    },
  };
}

function configuration(
  folder: string,
  { global, database, limits, tls }: Required<Omit<SlapdOptions, 'names'>>,
): string {
  const schemas = ['/etc/ldap/schema', '/etc/openldap/schema'].find((path) => existsSync(path))!;
  const modules = ['/usr/lib/ldap', '/usr/lib64/openldap', '/usr/lib/openldap'].find((path) =>
    existsSync(path),
  );
  return `
${['core', 'cosine', 'inetorgperson', 'nis'].map((name) => `include ${schemas}/${name}.schema`).join('\n')}
${modules ? `modulepath ${modules}` : ''}
${['back_mdb', 'ppolicy', 'pw-sha2', 'argon2', 'memberof'].map((name) => `moduleload ${name}`).join('\n')}
pidfile ${folder}/slapd.pid
argsfile ${folder}/slapd.args
${
  tls
    ? `TLSCACertificateFile ${folder}/authority.pem
TLSCertificateFile ${folder}/server.pem
TLSCertificateKeyFile ${folder}/server.key`
    : ''
}
${global}
database mdb
suffix ${suffix}
rootdn ${root.dn}
rootpw ${root.password}
directory ${folder}/data
maxsize 1073741824
dbnosync
index objectClass,entryUUID,uid,cn,mail,member,employeeNumber eq
limits dn.exact="${manager.dn}" ${limits}
overlay ppolicy
ppolicy_default cn=default,ou=policies,${suffix}
access to attrs=userPassword by dn.exact="${manager.dn}" write by anonymous auth by * none
access to * by dn.exact="${manager.dn}" write by users read by * none
${database}
`;
}

const unit = (name: string): string =>
  `dn: ou=${name},${suffix}\nobjectClass: organizationalUnit\nou: ${name}\n`;
const seed = [
  `dn: ${suffix}\nobjectClass: organization\nobjectClass: dcObject\ndc: acme\no: Acme\n`,
  ...['people', 'groups', 'disabled', 'policies'].map(unit),
  `dn: cn=default,ou=policies,${suffix}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\npwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: 0\n`,
  `dn: ${manager.dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: remit\nuserPassword: ${manager.password}\n`,
].join('\n');

/** What a program of OpenLDAP printed. @throws Error with what it complained of */
export function runProgram(name: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(programOf('slapd', name), args, { env: { ...process.env, LDAPNOINIT: '1' } });
    let printed = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      printed += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      complaint += part;
    });
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) done(printed);
      else fail(new Error(`${name} failed (${code}): ${complaint.trim()}`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
