import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { hashPassword } from '../../src/platform/passwords.ts';
import { makeServer } from '../../src/server/http.ts';
import { makeWorld, type World } from '../harness/world.ts';

const password = 'a lamp beside the window';
let world: World;
let server: FastifyInstance;
let at: string;

beforeAll(async () => {
  world = await makeWorld();
  await sql`insert into credential (user_id, password_hash)
    values (${world.people.acmeManager.userId}, ${await hashPassword(password)})`.execute(world.db);
  server = await makeServer(world.services);
  at = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server?.close();
  await world?.close();
});

type Init = { method?: string; body?: unknown; headers?: Record<string, string> };
const call = (path: string, { method = 'GET', body, headers = {} }: Init = {}) =>
  fetch(`${at}/api${path}`, {
    method,
    headers: {
      'sec-fetch-site': 'same-origin',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** True when some session ends twelve hours from now. */
async function pushedOn(): Promise<boolean> {
  const { rows } = await sql<{ pushed: boolean }>`
    select exists (select 1 from session where ended_at is null and expires_at > remit_now() + interval '11 hours') as pushed`.execute(
    world.db,
  );
  return rows[0]!.pushed;
}

async function signIn(): Promise<{ cookie: string }> {
  const response = await call('/session', {
    method: 'POST',
    body: { email: 'acmemanager@example.org', password },
  });
  expect(response.status).toBe(200);
  const [cookie] = response.headers.getSetCookie();
  expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
  return { cookie: cookie!.split(';')[0]! };
}

describe('a person with a cookie', () => {
  it('is signed in until signing out, and the cookie goes', async () => {
    const headers = await signIn();
    expect(await (await call('/session', { headers })).json()).toMatchObject({
      signedIn: true,
      user: { displayName: 'acmeManager' },
    });
    const out = await call('/session', { method: 'DELETE', headers });
    expect(out.status).toBe(200);
    expect(out.headers.getSetCookie()[0]).toMatch(/^remit_session=; Max-Age=0;/);
    expect((await call('/me/events', { headers })).status).toBe(401);
  });

  it('stays signed in by use, and not without', async () => {
    const headers = await signIn();
    for (const _ of ['morning', 'evening', 'next day']) {
      await passTime(world.db, 10 * 3600);
      // A process pushes a session on once a minute of its own time: a new one stands in for that minute.
      const other = await makeServer(world.services);
      expect((await other.inject({ url: '/api/me/home', headers })).statusCode).toBe(200);
      await expect.poll(pushedOn).toBe(true);
      await other.close();
    }
    await passTime(world.db, 13 * 3600);
    expect((await call('/me/home', { headers })).status).toBe(401);
  });

  it('changes nothing when another site sends the request', async () => {
    const headers = await signIn();
    const path = `/organizations/${world.organizations.acmeNorth.id}`;
    const change = (site: string) =>
      call(path, {
        method: 'PATCH',
        body: { description: site },
        headers: { ...headers, 'sec-fetch-site': site },
      });
    const refused = await change('cross-site');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'auth.cross-site' });
    expect((await change('same-origin')).status).toBe(200);
    expect(await (await call(path, { headers })).json()).toMatchObject({ description: 'same-origin' });
  });
});

describe('an API key', () => {
  it('acts without a cookie, and a damaged one never falls back on it', async () => {
    const made = await world.as('acmeManager', 'client.create', {
      organizationId: world.organizations.acme.id,
      name: 'reader',
      permissions: ['user.read', 'organization.read'],
    } as never);
    const { key } = made as { key: string };
    const headers = { authorization: `Bearer ${key}` };
    const people = await call('/users?limit=2', { headers });
    expect(people.status).toBe(200);
    expect(((await people.json()) as { items: unknown[] }).items.length).toBe(2);
    const cookie = await signIn();
    for (const authorization of [
      `Bearer ${key}x`,
      `Bearer ${key.slice(0, -1)}`,
      'Bearer',
      `Basic ${key}`,
      '',
    ]) {
      const response = await call('/users', { headers: { ...cookie, authorization } });
      expect(response.status, authorization).toBe(401);
    }
  });
});

describe('a change', () => {
  it('is made on the version that was seen, and once for a key', async () => {
    const headers = await signIn();
    const path = `/organizations/${world.organizations.acmeSouth.id}`;
    const tag = (await call(path, { headers })).headers.get('etag')!;
    expect(tag).toMatch(/^"\d+"$/);
    const change = (description: string, more: Record<string, string>) =>
      call(path, { method: 'PATCH', body: { description }, headers: { ...headers, ...more } });
    const first = await change('one', { 'if-match': tag, 'idempotency-key': 'k1' });
    expect(first.status).toBe(200);
    expect(first.headers.get('etag')).not.toBe(tag);
    const again = await change('one', { 'if-match': tag, 'idempotency-key': 'k1' });
    expect(await again.json()).toEqual(await first.json());
    expect((await change('two', { 'idempotency-key': 'k1' })).status).toBe(422);
    const stale = await change('three', { 'if-match': tag });
    expect(stale.status).toBe(412);
    expect(await (await call(path, { headers })).json()).toMatchObject({ description: 'one' });
  });

  it('asks who is there before it complains about the request', async () => {
    const path = `/organizations/${world.organizations.acmeSouth.id}`;
    for (const headers of [{ 'idempotency-key': 'ä'.repeat(3) }, { 'idempotency-key': 'x'.repeat(201) }]) {
      const body = { description: 'x' };
      const bytes = Object.fromEntries(
        Object.entries(headers).map(([k, v]) => [k, Buffer.from(v).toString('latin1')]),
      );
      expect((await call(path, { method: 'PATCH', body, headers: bytes })).status).toBe(401);
      const cookie = await signIn();
      expect((await call(path, { method: 'PATCH', body, headers: { ...bytes, ...cookie } })).status).toBe(
        400,
      );
    }
  });
});
