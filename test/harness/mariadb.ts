import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeAuthority } from './certificate.ts';
import { freePort } from './free-port.ts';
import { programOf } from './peers.ts';
import { removeFolder, startServer, throwawayFolder } from './throwaway.ts';

/** A real MariaDB on loopback, in a throw-away folder. */
export type Mariadb = {
  host: string;
  port: number;
  database: string;
  /** may do everything in `database`, and must come by TLS */
  user: string;
  password: string;
  /** PEM of the authority that signed its certificate */
  trust: string;
  /** Runs SQL as the server's root by MariaDB's own program; rows as it prints them, fields by tab. */
  sql(statements: string): Promise<string[][]>;
  close(): Promise<void>;
};

/** @throws Error with a sentence when MariaDB is not on this machine; see `describeWith` */
export async function startMariadb(): Promise<Mariadb> {
  const program = programOf('mariadb', 'mariadbd');
  const folder = throwawayFolder('mariadb');
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  const as = userInfo().username;
  await run('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${data}`,
    `--user=${as}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const authority = makeAuthority();
  const host = '127.0.0.1';
  const issued = authority.issue([host, 'localhost']);
  writeFileSync(join(folder, 'authority.pem'), authority.certificate);
  writeFileSync(join(folder, 'server.pem'), issued.certificate);
  writeFileSync(join(folder, 'server.key'), issued.key, { mode: 0o600 });
  const port = await freePort();
  const running = await startServer(
    program,
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--port=${port}`,
      `--bind-address=${host}`,
      `--user=${as}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--ssl-ca=${join(folder, 'authority.pem')}`,
      `--ssl-cert=${join(folder, 'server.pem')}`,
      `--ssl-key=${join(folder, 'server.key')}`,
      '--innodb-flush-log-at-trx-commit=0',
      '--innodb-buffer-pool-size=32M',
      '--skip-log-bin',
      '--character-set-server=utf8mb4',
    ],
    { folder, host, port, seconds: 40 },
  );
  const asRoot = [
    '--no-defaults',
    `--socket=${socket}`,
    '--user=root',
    '--batch',
    '--raw',
    '--skip-column-names',
  ];
  const sql = async (statements: string): Promise<string[][]> =>
    (await run('mariadb', asRoot, statements))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  const database = 'accounts';
  const user = 'remit';
  const password = 'Provision-1-Canary';
  await sql(`
    create database ${database};
    create user '${user}'@'%' identified by '${password}' require ssl;
    grant all on ${database}.* to '${user}'@'%';
  `);
  return {
    host,
    port,
    database,
    user,
    password,
    trust: authority.certificate,
    sql,
    async close() {
      await running.stop();
      removeFolder(folder);
    },
  };
}

function run(name: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(programOf('mariadb', name), args);
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
