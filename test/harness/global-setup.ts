import type { TestProject } from 'vitest/node';
import { startEphemeralPostgres } from '../../src/platform/embedded-postgres.ts';
import { migrate } from '../../src/platform/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A migrated database that tests clone, or why there is none. */
    template: { url: string } | { failed: string };
  }
}

type Server = { template: { url: string } | { failed: string }; users: number; stop: () => Promise<void> };

// Every suite sets up by itself, in a module instance of its own, though in one process; starting and migrating takes
// seconds, so they share.
const shared = globalThis as typeof globalThis & { remitTestServer?: Promise<Server> | undefined };

/** One real PostgreSQL for a run, with one migrated database in it to clone from. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  shared.remitTestServer ??= startServer();
  const server = await shared.remitTestServer;
  server.users += 1;
  project.provide('template', server.template);
  return async () => {
    server.users -= 1;
    if (server.users > 0) return;
    shared.remitTestServer = undefined;
    await server.stop();
  };
}

async function startServer(): Promise<Server> {
  const { url: address, stop } = await startEphemeralPostgres();
  const url = await address('remit_template');
  try {
    await migrate(url);
    return { template: { url }, users: 0, stop };
  } catch (error) {
    // Tests of pure rules go on; those that need the database say this.
    return { template: { failed: (error as Error).message }, users: 0, stop };
  }
}
