import Fastify, { type FastifyInstance } from 'fastify';
import { type Kysely, sql } from 'kysely';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { DB } from '../platform/schema.gen.ts';

export type Management = {
  app: FastifyInstance;
  /** watches the public server's answers */
  observe(server: FastifyInstance): void;
  /** what /health/started says */
  started(): void;
};

/**
 * Health and metrics, for a port of their own on loopback. No personal data: routes are counted by their pattern,
 * never by an address that holds an id or a search.
 */
export function makeManagement({ db }: { db: Kysely<DB> }): Management {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const answers = new Histogram({
    name: 'remit_http_seconds',
    help: 'Time to answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  new Gauge({
    name: 'remit_jobs_waiting',
    help: 'Jobs that are due or will be.',
    registers: [registry],
    async collect() {
      this.set(await waiting(db));
    },
  });
  let ready = false;
  const app = Fastify({ logger: false, exposeHeadRoutes: false });
  app.get('/health/live', async () => ({ live: true }));
  app.get('/health/started', async (_request, reply) =>
    reply.status(ready ? 200 : 503).send({ started: ready }),
  );
  app.get('/health/ready', async (_request, reply) => {
    const database = await sql`select 1`.execute(db).then(
      () => true,
      () => false,
    );
    return reply.status(ready && database ? 200 : 503).send({ ready: ready && database, database });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  return {
    app,
    observe(server) {
      server.onAnswer((request, reply) => {
        answers.observe(
          {
            method: request.method,
            route: request.routeOptions.config.operation ?? request.routeOptions.url ?? 'none',
            status: reply.statusCode,
          },
          reply.elapsedTime / 1000,
        );
      });
    },
    started() {
      ready = true;
    },
  };
}

async function waiting(db: Kysely<DB>): Promise<number> {
  try {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from pgboss.job where state in ('created', 'retry')`.execute(db);
    return rows[0]!.count;
  } catch {
    return Number.NaN;
  }
}
