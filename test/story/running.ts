import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemoApplications } from '../../demo/applications/start.ts';
import { clientIdOf } from '../../demo/start.ts';
import { type Running, start } from '../../src/main.ts';
import { readConfig } from '../../src/platform/config.ts';
import { type TestDatabase, testDatabase } from '../harness/database.ts';
import { freePort } from '../harness/free-port.ts';
import { type Mailbox, startMailbox } from '../harness/mailbox.ts';
import { testSecretKeys } from '../harness/secret-keys.ts';

/** A whole Remit on a database of its own, as an operator starts it, with a mail server and two applications. */
export type Stage = {
  url: string;
  dataDir: string;
  running: Running;
  database: TestDatabase;
  mailbox: Mailbox;
  applications: Record<string, string>;
  close(): Promise<void>;
};

export async function startStage({ portal = false }: { portal?: boolean } = {}): Promise<Stage> {
  const database = await testDatabase();
  const mailbox = await startMailbox();
  const dataDir = mkdtempSync(join(tmpdir(), 'remit-story-'));
  const port = await freePort();
  const config = {
    ...readConfig({
      PORT: String(port),
      REMIT_MANAGEMENT_PORT: '0',
      REMIT_DATA_DIR: dataDir,
      SMTP_URL: mailbox.smtpUrl,
      REMIT_LOG_LEVEL: 'error',
      REMIT_DEMO: 'off',
      REMIT_SECRET_KEYS: testSecretKeys,
    }),
    databaseUrl: database.url,
  };
  const running = await start(config, { quiet: true, portal });
  const demo = await startDemoApplications({
    issuer: `${config.url}/oidc`,
    portalUrl: config.url,
    clientIdOf: (key) => clientIdOf(database.db, key),
    ports: [0, 0],
  });
  return {
    url: config.url,
    dataDir,
    running,
    database,
    mailbox,
    applications: demo.urls,
    close: async () => {
      await demo.stop();
      await running.stop();
      await mailbox.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
