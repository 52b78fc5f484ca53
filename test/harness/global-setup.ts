import type { TestProject } from 'vitest/node';
import { startEphemeralPostgres } from '../../src/platform/embedded-postgres.ts';
import { migrate } from '../../src/platform/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A migrated database that tests clone, or why there is none. */
    template: { url: string } | { failed: string };
  }
}

/** One real PostgreSQL for a run, with one migrated database in it to clone from. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await startEphemeralPostgres();
  const url = await server.url('remit_template');
  try {
    await migrate(url);
    project.provide('template', { url });
  } catch (error) {
    // Tests of pure rules go on; those that need the database say this.
    project.provide('template', { failed: (error as Error).message });
  }
  return server.stop;
}
