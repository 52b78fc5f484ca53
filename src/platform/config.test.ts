import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, isLoopback, readConfig } from './config.ts';
import { settings } from './settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'remit-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

function problems(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const server = 'postgres://remit:hunter2@db.example.org/remit';

describe('an empty environment', () => {
  it('is a demo on loopback with the embedded database', () => {
    expect(readConfig({ PATH: '/bin', HOME: '/root' })).toEqual({
      databaseUrl: undefined,
      url: 'http://localhost:4000',
      host: '127.0.0.1',
      port: 4000,
      dataDir: resolve('.remit'),
      dropDir: resolve('.remit/drops'),
      secretKeys: [],
      managementPort: 9000,
      trustedProxies: [],
      smtpUrl: undefined,
      egress: { networks: [], httpHosts: [], ports: [] },
      demo: true,
      mailCatcher: true,
      logLevel: 'info',
    });
  });

  it('has the defaults that the table of settings names', () => {
    const named = Object.fromEntries(settings.flatMap((s) => (s.default ? [[s.name, s.default]] : [])));
    expect(readConfig(named)).toEqual(readConfig({}));
  });
});

describe('each setting', () => {
  const table: [env: Record<string, string>, expected: object][] = [
    [{ PORT: '4100' }, { port: 4100, url: 'http://localhost:4100' }],
    [{ PORT: '4100', REMIT_URL: 'https://remit.example.org/' }, { url: 'https://remit.example.org' }],
    [{ DATABASE_URL: server }, { databaseUrl: server, demo: false, mailCatcher: false }],
    [{ REMIT_DEMO: 'off' }, { demo: false, mailCatcher: false }],
    [{ REMIT_DEMO: 'on' }, { demo: true }],
    [{ REMIT_HOST: '0.0.0.0' }, { host: '0.0.0.0', demo: false }],
    [{ REMIT_URL: 'https://remit.example.org' }, { demo: false }],
    [{ SMTP_URL: 'smtps://mail.example.org' }, { smtpUrl: 'smtps://mail.example.org', mailCatcher: false }],
    [{ REMIT_DATA_DIR: '/srv/remit' }, { dataDir: '/srv/remit' }],
    [{ REMIT_MANAGEMENT_PORT: '0' }, { managementPort: 0 }],
    [{ REMIT_TRUSTED_PROXIES: '10.0.0.7, 10.1.0.0/16' }, { trustedProxies: ['10.0.0.7', '10.1.0.0/16'] }],
    [
      { REMIT_EGRESS_NETWORKS: '10.1.0.0/16, fd12::/16', REMIT_EGRESS_HTTP_HOSTS: 'Hooks.internal' },
      { egress: { networks: ['10.1.0.0/16', 'fd12::/16'], httpHosts: ['hooks.internal'], ports: [] } },
    ],
    [{ REMIT_EGRESS_PORTS: '8443,8080' }, { egress: { networks: [], httpHosts: [], ports: [8443, 8080] } }],
    [{ REMIT_LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
    [{ REMIT_TEST_LONG: '1' }, {}],
  ];
  it.each(table)('%j', (env, expected) => expect(readConfig(env)).toMatchObject(expected));
});

describe('what refuses to start', () => {
  const table: [env: Record<string, string>, says: string][] = [
    [{ REMIT_PROT: '1' }, 'REMIT_PROT is not a setting of Remit; remove it or correct its name.'],
    [{ REMIT_DATADIR: '/x' }, 'REMIT_DATADIR is not a setting of Remit; write REMIT_DATA_DIR.'],
    [{ REMIT_URL_FILE: '/x' }, 'REMIT_URL_FILE is not a setting of Remit; remove it or correct its name.'],
    [{ PORT: '70000' }, 'PORT must be a whole number from 0 to 65535.'],
    [{ PORT: '4000 ' }, 'PORT must be a whole number from 0 to 65535.'],
    [
      { DATABASE_URL: 'mysql://h/x' },
      'DATABASE_URL must look like postgres://user:password@host:5432/remit.',
    ],
    [{ DATABASE_URL: '' }, 'DATABASE_URL must look like postgres://user:password@host:5432/remit.'],
    [{ SMTP_URL: 'http://h' }, 'SMTP_URL must look like smtp://user:password@host:587.'],
    [
      { REMIT_URL: 'https://h/app' },
      'REMIT_URL must be only scheme, host and port, such as https://remit.example.org.',
    ],
    [
      { REMIT_URL: 'http://remit.example.org' },
      'REMIT_URL must start with https:// (plain http is for this machine only, such as http://localhost:4000).',
    ],
    [
      { REMIT_EGRESS_NETWORKS: '10.1.0.0/99' },
      'REMIT_EGRESS_NETWORKS must be addresses or networks separated by commas, such as 10.1.0.0/16,fd12::/16.',
    ],
    [
      { REMIT_EGRESS_HTTP_HOSTS: 'http://hooks.internal' },
      'REMIT_EGRESS_HTTP_HOSTS must be hosts separated by commas, without http:// and port, such as hooks.internal,10.1.0.7.',
    ],
    [
      { REMIT_EGRESS_PORTS: '0' },
      'REMIT_EGRESS_PORTS must be port numbers separated by commas, such as 8443,8080.',
    ],
    [{ REMIT_DEMO: 'yes' }, 'REMIT_DEMO must be on or off.'],
    [
      { REMIT_DEMO: 'on', DATABASE_URL: server },
      'REMIT_DEMO=on is refused because DATABASE_URL names a database of yours; set REMIT_DEMO=off or remove it.',
    ],
    [
      { REMIT_DEMO: 'on', REMIT_HOST: '::' },
      'REMIT_DEMO=on is refused because REMIT_HOST is not an address of this machine alone; set REMIT_DEMO=off or remove it.',
    ],
    [
      { REMIT_DEMO: 'on', REMIT_URL: 'https://remit.example.org' },
      'REMIT_DEMO=on is refused because REMIT_URL is not an address of this machine alone; set REMIT_DEMO=off or remove it.',
    ],
    [
      { REMIT_SECRET_KEYS: 'a:c2hvcnQ=' },
      'REMIT_SECRET_KEYS must be keys separated by commas, each a name of its own, a colon and 32 bytes in base64; this makes one: echo "$(date +%Y-%m-%d):$(openssl rand -base64 32)".',
    ],
    [{ PORT: '9000' }, 'REMIT_MANAGEMENT_PORT must differ from PORT; choose another one.'],
    [
      { SMTP_URL_FILE: '/nowhere/smtp' },
      'SMTP_URL_FILE names a file that cannot be read (ENOENT); correct the path or its rights.',
    ],
  ];
  it.each(table)('%j', (env, says) => expect(problems(env)).toEqual([says]));

  it('names every problem at once', () => {
    expect(problems({ PORT: 'x', REMIT_DEMO: 'x', REMIT_X: '1' })).toHaveLength(3);
  });

  it('never repeats a secret', () => {
    expect(problems({ DATABASE_URL: 'mysql://remit:hunter2@h/x' }).join()).not.toContain('hunter2');
  });
});

describe('secrets from files', () => {
  it('are read without the line end', () => {
    const file = join(dir, 'database-url');
    writeFileSync(file, `${server}\n`);
    expect(readConfig({ DATABASE_URL_FILE: file }).databaseUrl).toBe(server);
    expect(problems({ DATABASE_URL_FILE: file, DATABASE_URL: server })).toEqual([
      'DATABASE_URL and DATABASE_URL_FILE are both set; keep one of them.',
    ]);
  });
});

it.each([
  ['localhost', true],
  ['remit.localhost', true],
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['[::1]', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.org', false],
  ['localhost.example.org', false],
  ['10.0.0.1', false],
])('loopback %s: %s', (host, expected) => expect(isLoopback(host)).toBe(expected));
