import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/platform/database.ts';
import { makeServer } from '../../src/server/http.ts';
import { makeManagement } from '../../src/server/management.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** A cable to the real database that can be pulled out and put back. */
class Cable {
  private readonly folder: string;
  private server: Server | undefined;
  private readonly ends = new Set<Socket>();
  port = 0;
  constructor(folder: string) {
    this.folder = folder;
  }
  async plugIn(): Promise<void> {
    this.server = createServer((near) => {
      const far = connect(join(this.folder, '.s.PGSQL.5432'));
      for (const end of [near, far]) {
        this.ends.add(end);
        end.on('error', () => {}).on('close', () => this.ends.delete(end));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => this.server!.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server!.address() as { port: number }).port;
  }
  async pull(): Promise<void> {
    const closed = new Promise((resolve) => this.server!.close(resolve));
    for (const end of this.ends) end.destroy();
    await closed;
  }
}

let world: World;
let cable: Cable;
let database: ReturnType<typeof openDatabase>;
let app: FastifyInstance;
let management: ReturnType<typeof makeManagement>;
let at: string;

beforeAll(async () => {
  world = await makeWorld();
  const url = new URL(world.url.replace('@/', '@localhost/'));
  cable = new Cable(url.searchParams.get('host')!);
  await cable.plugIn();
  database = openDatabase(`postgres://${url.username}@127.0.0.1:${cable.port}${url.pathname}`, { max: 4 });
  app = await makeServer({ ...world.services, db: database.db });
  management = makeManagement({ db: database.db });
  management.observe(app);
  management.started();
  at = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app?.close();
  await management?.app.close();
  await database?.close();
  await cable?.pull();
  await world?.close();
});

const change = () =>
  fetch(`${at}/api/recovery`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'nobody@example.org' }),
  });

describe('with the database away', () => {
  it('says so clearly, changes nothing, and recovers by itself', async () => {
    expect((await change()).status).toBe(200);
    await cable.pull();
    for (const response of [await change(), await fetch(`${at}/api/session`)]) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('2');
      expect(await response.json()).toMatchObject({ code: 'server.unavailable', status: 503 });
    }
    expect((await management.app.inject('/health/ready')).statusCode).toBe(503);
    expect((await management.app.inject('/health/live')).statusCode).toBe(200);
    // What needs no database goes on.
    expect((await fetch(`${at}/openapi.json`)).status).toBe(200);
    await cable.plugIn();
    expect((await change()).status).toBe(200);
    expect((await management.app.inject('/health/ready')).json()).toEqual({ ready: true, database: true });
  });
});

describe('the management port', () => {
  it('counts answers by operation, and tells nothing about anybody', async () => {
    await fetch(`${at}/api/memberships/${world.people.owner.membershipId}?secret=ada@example.org`);
    const { body } = await management.app.inject('/metrics');
    expect(body).toMatch(
      /remit_http_seconds_count\{method="POST",route="recovery.start",status="200"\} [1-9]/,
    );
    expect(body).toMatch(/remit_jobs_waiting \d/);
    expect(body).not.toContain(world.people.owner.membershipId);
    expect(body).not.toContain('example.org');
  });
});
