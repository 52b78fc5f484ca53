import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Pool } from 'pg';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export type Management = {
  /** Metrics of other parts are registered here. Labels are routes, kinds and codes, never people. */
  metrics: Registry;
  /** The port taken; differs from the one asked for when that was 0. */
  port: number;
  /** From now on /health/started and, while the database answers, /health/ready say yes. */
  started(): void;
  /** From now on /health/ready says no, so that no new work comes here while the rest is finished. */
  stopping(): void;
  close(): Promise<void>;
};

/** How long the database may take to answer before this process counts as not ready. */
const patience = 2_000;

/**
 * The operator's port: /health/started, /health/live, /health/ready and /metrics. On loopback only, without
 * sign-in, and therefore without anything about people.
 */
export async function openManagement({ port, pool }: { port: number; pool: Pool }): Promise<Management> {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  watchPool(metrics, pool);
  let state: 'starting' | 'started' | 'stopping' = 'starting';

  const answers: Record<string, () => Promise<[status: number, body: string]>> = {
    '/health/started': async () => health(state !== 'starting', state),
    // Answering at all is being alive; a database that is away is no reason to kill this process.
    '/health/live': async () => health(true, 'alive'),
    '/health/ready': async () => {
      if (state !== 'started') return health(false, state);
      return (await reachable(pool)) ? health(true, 'ready') : health(false, 'database away');
    },
    '/metrics': async () => [200, await metrics.metrics()],
  };

  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    if (!answer) return response.writeHead(404).end();
    if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405).end();
    const [status, body] = await answer();
    const type = path === '/metrics' ? metrics.contentType : 'application/json';
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  });
  await listen(server, port);

  return {
    metrics,
    port: (server.address() as AddressInfo).port,
    started: () => {
      state = 'started';
    },
    stopping: () => {
      state = 'stopping';
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const health = (ok: boolean, status: string): [number, string] => [
  ok ? 200 : 503,
  JSON.stringify({ status }),
];

async function reachable(pool: Pool): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), patience);
  const asked = pool.query('select 1').then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function watchPool(metrics: Registry, pool: Pool): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  gauge('remit_database_connections', 'Connections open.', () => pool.totalCount);
  gauge('remit_database_connections_idle', 'Connections open and unused.', () => pool.idleCount);
  gauge('remit_database_waiting', 'Requests waiting for a connection.', () => pool.waitingCount);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} is taken; set REMIT_MANAGEMENT_PORT to another one (0 takes a free one).`;
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
