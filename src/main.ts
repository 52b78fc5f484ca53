import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { pino } from 'pino';
import { ensureBuilt } from '../portal/ensure-built.ts';
import { keepBuiltInRoles } from './delegation/instance.ts';
import { enrolmentSubscribers } from './enrolment/subscribers.ts';
import { openMail } from './notices/mailer.ts';
import { noticeSubscribers } from './notices/subscribers.ts';
import type { Services } from './operation/pipeline.ts';
import {
  type Config,
  ConfigError,
  readConfig,
  requireSecretKeys,
  withSecretKeys,
} from './platform/config.ts';
import { openDatabase } from './platform/database.ts';
import { startEmbeddedPostgres } from './platform/embedded-postgres.ts';
import { migrate } from './platform/migrate.ts';
import { markTargets } from './provisioning/sending/marks.ts';
import { makeServer } from './server/http.ts';
import { makeManagement } from './server/management.ts';
import { sealStored } from './server/seal-stored.ts';
import { startWorker } from './server/worker.ts';
import { type SetupLink, startSetup } from './signin/setup.ts';

/** A running Remit: everything in one process, or several of them beside one database. */
export type Running = {
  url: string;
  managementUrl: string;
  demoUrls: Record<string, string>;
  databaseUrl: string;
  services: Services;
  stop(): Promise<void>;
};

export type StartOptions = {
  /** prints nothing, for tests */
  quiet?: boolean;
  /** false leaves the portal's build as it is */
  portal?: boolean;
  /** where the demo's applications listen; absent: next to the server's port */
  demoPorts?: readonly number[];
};

const say = (line = ''): void => console.log(line);

/**
 * Puts the process together: database, migrations, server, worker, portal, and what a demo has besides. What was
 * started is stopped in reverse order, also when a later step fails.
 * @throws {ConfigError}, {DataDirInUse}, {MigrationError}, {SealingError} with a sentence for the operator
 */
export async function start(
  given: Config,
  { quiet = false, portal = true, demoPorts }: StartOptions = {},
): Promise<Running> {
  const started: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of started.splice(0).reverse()) await step().catch(() => {});
  };
  const print = quiet ? () => {} : say;
  try {
    const log = pino({ level: given.logLevel === 'info' ? 'warn' : given.logLevel }) as FastifyBaseLogger;
    requireSecretKeys(given);
    const databaseUrl = given.databaseUrl ?? (await embedded(given, print, started));
    // Only now: whoever holds the data directory may make a key in it.
    const config = withSecretKeys(given);
    await migrate(databaseUrl);
    const database = openDatabase(databaseUrl, {
      onError: (error) => log.warn({ err: error }, 'a database connection broke'),
    });
    started.push(() => database.close());
    const { db } = database;
    await refuseDemoOnRealData(config, db);
    await sealStored(db, config, log);
    await keepBuiltInRoles(db);
    if (portal) await ensureBuilt(print);

    const mail = await openMail(config);
    started.push(() => mail.close());
    const services: Services = {
      db,
      config,
      subscribers: [...enrolmentSubscribers, markTargets, ...noticeSubscribers(mail.mailer)],
    };
    const server = await makeServer(services, { log, catcher: mail.catcher });
    const management = makeManagement({ db });
    management.observe(server);
    started.push(
      () => server.close(),
      () => management.app.close(),
    );
    const managementUrl = await listen(management.app, '127.0.0.1', config.managementPort);
    const url = await listen(server, config.host, config.port);
    const demo = config.demo ? await startDemo(services, print, demoPorts) : undefined;
    if (demo) started.push(() => demo.stop());
    const worker = await startWorker(services, databaseUrl, log);
    started.push(() => worker.stop());
    const setup = demo ? undefined : await startSetup(services);
    management.started();
    announce(
      config,
      { url, managementUrl, demoUrls: demo?.urls ?? {}, setup, fresh: demo?.fresh ?? false },
      print,
    );
    return { url, managementUrl, demoUrls: demo?.urls ?? {}, databaseUrl, services, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function embedded(
  config: Config,
  print: typeof say,
  started: (() => Promise<unknown>)[],
): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log: print });
  started.push(() => postgres.stop());
  if (postgres.dataDir !== config.dataDir)
    print(`The database's own user cannot enter ${config.dataDir}; its data stands in ${postgres.dataDir}.`);
  return await postgres.url('remit');
}

/** Demo sign-ins never appear in a database that holds somebody's real people (ruling 17). */
async function refuseDemoOnRealData(config: Config, db: Services['db']): Promise<void> {
  const { rows } = await sql<{ demo: boolean | null; used: boolean }>`
    select (select demo from instance) as demo, exists (select 1 from organization) as used`.execute(db);
  const { demo, used } = rows[0]!;
  if (config.demo && used && demo !== true)
    throw new ConfigError([
      'This database was not made as a demo, so the demo does not start on it. Set REMIT_DEMO=off, or give the demo its own REMIT_DATA_DIR.',
    ]);
  if (!config.demo && demo === true)
    throw new ConfigError([
      'This database was made as a demo, with sign-ins that everybody knows. Give the real instance its own REMIT_DATA_DIR or DATABASE_URL, or set REMIT_DEMO=on.',
    ]);
}

/** Demo data on the first start, and the two applications; imported only here, so that a real instance never loads it. */
async function startDemo(
  services: Services,
  print: typeof say,
  ports?: readonly number[],
): Promise<{ urls: Record<string, string>; fresh: boolean; stop(): Promise<void> }> {
  const { startDemo: begin } = await import('../demo/start.ts');
  return begin(services, print, ports);
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  await app.listen({ host, port });
  const { port: taken } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}

type Announcement = {
  url: string;
  managementUrl: string;
  demoUrls: Record<string, string>;
  setup: SetupLink | undefined;
  fresh: boolean;
};

function announce(config: Config, { managementUrl, demoUrls, setup }: Announcement, print: typeof say): void {
  print();
  print(`Remit is ready at ${config.url}`);
  print(`  health and metrics  ${managementUrl}/health/ready`);
  print(`  the API             ${config.url}/docs/api`);
  if (config.mailCatcher) print(`  mails it sends      ${config.url}/dev/mail`);
  for (const [name, url] of Object.entries(demoUrls))
    print(`  ${name.padEnd(18)}  ${url}   (a demo application that signs on with Remit)`);
  if (setup)
    print(
      `\nThis instance is empty. Its owner is made through the link in ${setup.file}, until ${setup.until}.`,
    );
}

/** One sentence a line for what an operator can mend; anything else is a fault, with its stack. */
function complain(error: unknown): void {
  const known =
    error instanceof Error &&
    ['ConfigError', 'DataDirInUse', 'MigrationError', 'SealingError'].includes(error.name);
  const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  if (inUse)
    console.error(
      `Port ${(error as { port?: number }).port} is taken. Stop what uses it, or set PORT (and REMIT_MANAGEMENT_PORT).`,
    );
  else console.error(known ? (error as Error).message : error);
}

if (import.meta.main) {
  let stopping = false;
  let running: Running | undefined;
  const finish = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) return;
    stopping = true;
    say(`\n${signal === 'SIGINT' ? 'Stopping' : 'Ending'} …`);
    await running?.stop();
    say('Remit has stopped. Your data is kept.');
    process.exit(0);
  };
  process.on('SIGINT', finish);
  process.on('SIGTERM', finish);
  try {
    running = await start(readConfig(process.env));
    if (stopping) await running.stop();
  } catch (error) {
    complain(error);
    process.exit(1);
  }
}
