import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { runAs } from '../../src/platform/embedded/run-as.ts';
import { initialize, makeSocketFolder, serve } from '../../src/platform/embedded/server.ts';
import { makeAuthority } from './certificate.ts';
import { freePort } from './free-port.ts';
import { removeFolder, throwawayFolder } from './throwaway.ts';

/** A PostgreSQL of somebody else's, on loopback with a certificate of its own. */
export type PostgresTarget = {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  trust: string;
  sql(statement: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
};

export async function startPostgresTarget(): Promise<PostgresTarget> {
  const folder = throwawayFolder('pg');
  chmodSync(folder, 0o711);
  const data = join(folder, 'postgres');
  const as = runAs(data);
  const place = { folder, data, as };
  initialize(place, ['--no-sync']);
  const host = '127.0.0.1';
  const authority = makeAuthority();
  const issued = authority.issue([host]);
  const own = join(folder, 'tls');
  mkdirSync(own, { mode: 0o700 });
  writeFileSync(join(own, 'server.pem'), issued.certificate);
  writeFileSync(join(own, 'server.key'), issued.key, { mode: 0o600 });
  if (as)
    for (const path of [own, join(own, 'server.pem'), join(own, 'server.key')])
      chownSync(path, as.uid, as.gid);
  // Whoever comes from outside signs in with a password, and encrypted.
  writeFileSync(
    join(data, 'pg_hba.conf'),
    'local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n',
  );
  const port = await freePort();
  const socketFolder = makeSocketFolder(place);
  const server = await serve(place, socketFolder, {
    listen_addresses: host,
    port: String(port),
    ssl: 'on',
    ssl_cert_file: join(own, 'server.pem'),
    ssl_key_file: join(own, 'server.key'),
    fsync: 'off',
  });
  const client = new pg.Client({ host: socketFolder, port, user: 'remit', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  const password = 'Provision-1-Canary';
  await client.query(`create role application login password '${password}'`);
  await client.query('grant create, usage on schema public to application');
  return {
    host,
    port,
    database: 'postgres',
    user: 'application',
    password,
    trust: authority.certificate,
    sql: async (statement) => (await client.query(statement)).rows,
    async close() {
      await client.end();
      await server.stop();
      removeFolder(folder);
    },
  };
}
