import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { EgressRules } from './egress-rules.ts';
import type { SecretKeys } from './sealing.ts';
import { makeSecretKey, readSecretKeys, secretKeysIn } from './sealing-keys.ts';
import { type Setting, settings } from './settings.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** What one Remit process was told, read once at start; nothing else reads the environment. */
export type Config = {
  /** A PostgreSQL address, or undefined for the embedded database. */
  databaseUrl: string | undefined;
  /** The origin people and applications use, without a slash at its end. The only source of links. */
  url: string;
  /** Listen address of the public port. */
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Addresses and networks of proxies that are believed when they name the caller, beside loopback. */
  trustedProxies: string[];
  /** Absolute path. */
  dataDir: string;
  /** where files are put that other systems fetch: a folder for each */
  dropDir: string;
  /** Seal secrets in the database: as they were set; `withSecretKeys` adds those of the data directory. */
  secretKeys: SecretKeys;
  /** Always on loopback; 0 takes any free port. */
  managementPort: number;
  smtpUrl: string | undefined;
  /** Where calls may go that leave by HTTP, beside public addresses by https. */
  egress: EgressRules;
  /** Demo data and demo sign-ins are allowed. */
  demo: boolean;
  /** Mails go to the page at /dev/mail; only a loopback demo has one. */
  mailCatcher: boolean;
  logLevel: (typeof logLevels)[number];
};

/** Why Remit does not start: one sentence per problem, each saying what to do. Values never appear. */
export class ConfigError extends Error {
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const text = (says: string) => z.string().min(1, says);
const port = text('is empty; give a port number or remove it')
  .regex(/^\d{1,5}$/, 'must be a whole number from 0 to 65535')
  .transform(Number)
  .refine((n) => n <= 65535, 'must be a whole number from 0 to 65535');
const address = (schemes: string[], example: string) =>
  z.string().refine((value) => schemes.includes(parsed(value)?.protocol ?? ''), `must look like ${example}`);

const notKeys = `must be keys separated by commas, each a name of its own, a colon and 32 bytes in base64; this makes one: ${makeSecretKey}`;

const several = z
  .string()
  .transform((value) => value.split(',').map((one) => one.trim()))
  .default([]);

const values = z.object({
  DATABASE_URL: address(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/remit').optional(),
  REMIT_URL: z
    .string()
    .refine(isOrigin, 'must be only scheme, host and port, such as https://remit.example.org')
    .transform((value) => new URL(value).origin)
    .refine(
      (value) => value.startsWith('https:') || isLoopback(new URL(value).hostname),
      'must start with https:// (plain http is for this machine only, such as http://localhost:4000)',
    )
    .optional(),
  REMIT_HOST: text('is empty; give a listen address or remove it').default('127.0.0.1'),
  PORT: port.default(4000),
  REMIT_TRUSTED_PROXIES: z
    .string()
    .transform((value) => value.split(',').map((one) => one.trim()))
    .refine(
      (networks) => networks.every(isNetwork),
      'must be addresses or networks separated by commas, such as 10.0.0.7,10.1.0.0/16',
    )
    .default([]),
  REMIT_DATA_DIR: text('is empty; give a folder or remove it')
    .default('./.remit')
    .transform((dir) => resolve(dir)),
  REMIT_DROP_DIR: text('is empty; give a folder or remove it')
    .transform((dir) => resolve(dir))
    .optional(),
  REMIT_SECRET_KEYS: z
    .string()
    .transform((value, context) => {
      const keys = readSecretKeys(value);
      if (!keys) context.addIssue(notKeys);
      return keys ?? [];
    })
    .default([]),
  REMIT_MANAGEMENT_PORT: port.default(9000),
  SMTP_URL: address(['smtp:', 'smtps:'], 'smtp://user:password@host:587').optional(),
  REMIT_EGRESS_NETWORKS: several.refine(
    (networks) => networks.every(isNetwork),
    'must be addresses or networks separated by commas, such as 10.1.0.0/16,fd12::/16',
  ),
  REMIT_EGRESS_HTTP_HOSTS: several
    .transform((hosts) => hosts.map((host) => host.toLowerCase()))
    .refine(
      (hosts) => hosts.every((host) => isIP(host) > 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host)),
      'must be hosts separated by commas, without http:// and port, such as hooks.internal,10.1.0.7',
    ),
  REMIT_EGRESS_PORTS: several
    .refine(
      (ports) => ports.every((one) => /^\d{1,5}$/.test(one) && Number(one) > 0 && Number(one) <= 65535),
      'must be port numbers separated by commas, such as 8443,8080',
    )
    .transform((ports) => ports.map(Number)),
  REMIT_DEMO: z.enum(['on', 'off'], 'must be on or off').optional(),
  REMIT_LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
});

/**
 * Reads and checks the whole configuration.
 * @throws {ConfigError} naming every problem at once
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems = unknownSettings(env);
  const found: Record<string, string> = {};
  for (const setting of settings) {
    const value = given(setting, env, problems);
    if (value !== undefined) found[setting.name] = value;
  }
  const result = values.safeParse(found);
  for (const issue of result.error?.issues ?? []) problems.push(`${issue.path.join('.')} ${issue.message}.`);
  if (!result.success) throw new ConfigError(problems);

  const { REMIT_DEMO, REMIT_HOST: host, REMIT_URL, ...rest } = result.data;
  const url = REMIT_URL ?? `http://localhost:${rest.PORT}`;
  const notDemo = whyNoDemo({ databaseUrl: rest.DATABASE_URL, url, host });
  if (REMIT_DEMO === 'on' && notDemo) {
    problems.push(`REMIT_DEMO=on is refused because ${notDemo}; set REMIT_DEMO=off or remove it.`);
  }
  if (rest.PORT !== 0 && rest.PORT === rest.REMIT_MANAGEMENT_PORT) {
    problems.push('REMIT_MANAGEMENT_PORT must differ from PORT; choose another one.');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const demo = REMIT_DEMO !== 'off' && !notDemo;
  return {
    databaseUrl: rest.DATABASE_URL,
    url,
    host,
    port: rest.PORT,
    trustedProxies: rest.REMIT_TRUSTED_PROXIES,
    dataDir: rest.REMIT_DATA_DIR,
    dropDir: rest.REMIT_DROP_DIR ?? join(rest.REMIT_DATA_DIR, 'drops'),
    secretKeys: rest.REMIT_SECRET_KEYS,
    managementPort: rest.REMIT_MANAGEMENT_PORT,
    smtpUrl: rest.SMTP_URL,
    egress: {
      networks: rest.REMIT_EGRESS_NETWORKS,
      httpHosts: rest.REMIT_EGRESS_HTTP_HOSTS,
      ports: rest.REMIT_EGRESS_PORTS,
    },
    demo,
    mailCatcher: demo && rest.SMTP_URL === undefined,
    logLevel: rest.REMIT_LOG_LEVEL,
  };
}

/**
 * The configuration with the keys that seal secrets: those that were set, else those in the data directory of an embedded
 * database, where one is made at the first start. A database of the operator's own has many processes and backups that
 * do not know of that directory: its keys must be given.
 * @throws {ConfigError} that says how to make one
 */
export function withSecretKeys(config: Config): Config {
  if (config.secretKeys.length > 0) return config;
  requireSecretKeys(config);
  return { ...config, secretKeys: secretKeysIn(config.dataDir) };
}

/** @throws {ConfigError} when keys that seal secrets must be set, and are not */
export function requireSecretKeys({
  databaseUrl,
  secretKeys,
}: Pick<Config, 'databaseUrl' | 'secretKeys'>): void {
  if (databaseUrl === undefined || secretKeys.length > 0) return;
  throw new ConfigError([
    `REMIT_SECRET_KEYS is missing: with DATABASE_URL, it seals the secrets in that database. Make one by ${makeSecretKey}, set the same for every process (or put it into a file and set REMIT_SECRET_KEYS_FILE), and keep a copy apart from the backups of the database.`,
  ]);
}

// Demo accounts have printed passwords: nobody but this machine may reach them, and they must
// never land in a database that somebody set up for real work.
function whyNoDemo(at: { databaseUrl: string | undefined; url: string; host: string }): string | undefined {
  if (at.databaseUrl !== undefined) return 'DATABASE_URL names a database of yours';
  if (!isLoopback(new URL(at.url).hostname)) return 'REMIT_URL is not an address of this machine alone';
  if (!isLoopback(at.host)) return 'REMIT_HOST is not an address of this machine alone';
  return undefined;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** True for names and addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    host === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}

function given(
  { name, secret }: Setting,
  env: Record<string, string | undefined>,
  problems: string[],
): string | undefined {
  const file = secret ? env[`${name}_FILE`] : undefined;
  if (file === undefined) return env[name];
  if (env[name] !== undefined) {
    problems.push(`${name} and ${name}_FILE are both set; keep one of them.`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    problems.push(`${name}_FILE names a file that cannot be read (${code}); correct the path or its rights.`);
    return undefined;
  }
}

// A misspelt setting that is silently ignored is a wrong setting in production.
function unknownSettings(env: Record<string, string | undefined>): string[] {
  const known = settings.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]));
  return (
    Object.keys(env)
      // The command line's key may stand in the same shell; the server neither needs nor reads it.
      .filter((name) => name !== 'REMIT_API_KEY')
      .filter((name) => name.startsWith('REMIT_') && !name.startsWith('REMIT_TEST_') && !known.includes(name))
      .map((name) => {
        const bare = (s: string) => s.replaceAll('_', '');
        const meant = known.find((other) => bare(other) === bare(name));
        return `${name} is not a setting of Remit; ${meant ? `write ${meant}` : 'remove it or correct its name'}.`;
      })
  );
}

function parsed(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}

function isOrigin(value: string): boolean {
  const url = parsed(value);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
}
