import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { scim } from '@better-auth/scim';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';

export type ScimServer = {
  /** up to the version */
  url: string;
  token: string;
  stop(): Promise<void>;
};

/** A SCIM server that shares no code with ours, on a free port and with a database of its own in memory. */
export async function startScimServer(): Promise<ScimServer> {
  const token = 'a-token-for-tests-that-is-long-enough';
  let handle: ReturnType<typeof toNodeHandler> | undefined;
  const server = createServer((request, reply) => void handle!(request, reply));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = {
    database: new DatabaseSync(':memory:'),
    secret: 'a-secret-for-tests-that-is-long-enough',
    baseURL: origin,
    logger: { disabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [scim({ connections: [{ id: 'remit', credentials: [{ type: 'bearer', id: 'one', token }] }] })],
  } satisfies Parameters<typeof betterAuth>[0];
  await (await getMigrations(options)).runMigrations();
  handle = toNodeHandler(betterAuth(options));
  return {
    url: `${origin}/api/auth/scim/v2`,
    token,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
