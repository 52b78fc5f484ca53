import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApplications, startDemoApplications } from '../../demo/applications/start.ts';
import { demoApplications } from '../../demo/applications.ts';
import { hashPassword } from '../../src/platform/passwords.ts';
import { makeServer } from '../../src/server/http.ts';
import { BrowserLike } from '../harness/browser-like.ts';
import { freePort } from '../harness/free-port.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** The whole way over HTTP: the portal's API, the provider, and two relying parties that know only its address. */
const password = 'a lamp beside the window';
let world: World;
let server: FastifyInstance;
let applications: RunningApplications;
let portal: string;

beforeAll(async () => {
  world = await makeWorld();
  portal = `http://127.0.0.1:${await freePort()}`;
  world.services = { ...world.services, config: { ...world.services.config, url: portal } };
  server = await makeServer(world.services);
  await server.listen({ host: '127.0.0.1', port: Number(new URL(portal).port) });
  applications = await startDemoApplications({
    issuer: `${portal}/oidc`,
    portalUrl: portal,
    ports: [0, 0],
    clientIdOf: async (key) => key,
  });
  for (const { key, name, roles } of demoApplications) {
    const url = applications.urls[key]!;
    const { rows } = await sql<{ id: string }>`
      insert into application (id, organization_id, key, name, client_id, redirect_uris, post_logout_redirect_uris)
      values (gen_random_uuid(), ${world.organizations.root.id}, ${key}, ${name}, ${key}, ${[`${url}/callback`]}, ${[`${url}/`]})
      returning id`.execute(world.db);
    for (const role of roles)
      await sql`insert into entitlement (id, application_id, key, name)
        values (gen_random_uuid(), ${rows[0]!.id}, ${role.key}, ${role.name})`.execute(world.db);
  }
  await sql`insert into credential (user_id, password_hash) values (${world.people.betaMember.userId}, ${await hashPassword(password)})`.execute(
    world.db,
  );
});
afterAll(async () => {
  await applications.stop();
  await server.close();
  await world.close();
});

async function read(
  browser: BrowserLike,
  address: string,
  init?: RequestInit,
): Promise<{ at: URL; text: string }> {
  const answer = await browser.follow(address, 'http://127.0.0.1:', init);
  if (answer.left) throw new Error(`left to ${answer.left}`);
  return { at: answer.at, text: await answer.page.text() };
}

/** Signs in to the portal as its page does: a form posted by fetch. */
const signIn = (browser: BrowserLike): Promise<Response> =>
  browser.get(`${portal}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: portal },
    body: JSON.stringify({ email: 'BetaMember@example.org', password }),
  });

describe('the two demo applications', () => {
  it('sign a person on with one sign-in, show a role after a refresh, and sign out', async () => {
    const browser = new BrowserLike();
    const { 'parts-desk': parts, 'field-notes': notes } = applications.urls as Record<string, string>;
    expect((await read(browser, parts!)).text).toContain('Sign in with Remit');

    const asked = await browser.follow(`${parts}/sign-in`, 'http://127.0.0.1:');
    if (asked.left) throw new Error('left');
    expect(asked.at.pathname).toBe('/sign-in');
    const next = asked.at.searchParams.get('next')!;
    expect((await signIn(browser)).status).toBe(200);

    const first = await read(browser, `${portal}${next}`);
    expect(first.at.href).toBe(`${parts}/`);
    expect(first.text).toContain('betaMember');
    expect(first.text).toContain('none yet');

    const second = await read(browser, `${notes}/sign-in`);
    expect(second.at.href).toBe(`${notes}/`);
    expect(second.text).toContain('beta');

    await sql`insert into assignment (id, membership_id, entitlement_id, why)
      select gen_random_uuid(), ${world.people.betaMember.membershipId}, e.id, 'direct' from entitlement e where e.key = 'author' and e.name = 'Author'`.execute(
      world.db,
    );
    expect((await read(browser, `${notes}/`)).text).not.toContain('Write a report');
    expect((await read(browser, `${notes}/refresh`, { method: 'POST' })).text).toContain('Write a report');

    await sql`update session set ended_at = remit_now() where user_id = ${world.people.betaMember.userId}`.execute(
      world.db,
    );
    expect((await read(browser, `${notes}/refresh`, { method: 'POST' })).text).toContain('no longer vouches');
  });

  it('take no order from another site', async () => {
    const browser = new BrowserLike();
    const answer = await browser.get(`${applications.urls['parts-desk']}/sign-out`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    });
    expect(answer.status).toBe(403);
  });

  it('lead back after signing out', async () => {
    const browser = new BrowserLike();
    await signIn(browser);
    const { 'parts-desk': parts } = applications.urls as Record<string, string>;
    await read(browser, `${parts}/sign-in`);
    const asked = await read(browser, `${parts}/sign-out`, { method: 'POST' });
    expect(asked.text).toContain('Sign out of everything');
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked.text)![1]!;
    const out = await read(browser, `${portal}/oidc/session/end/confirm`, {
      method: 'POST',
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
    });
    expect(out.at.href).toBe(`${parts}/`);
    expect(await (await browser.get(`${portal}/api/session`)).json()).toEqual({ signedIn: false });
  });
});
