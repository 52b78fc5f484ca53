import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApplications, startDemoApplications } from '../../demo/applications/start.ts';
import { hashPassword } from '../../src/platform/passwords.ts';
import { makeServer } from '../../src/server/http.ts';
import { launchChromium } from '../harness/chromium.ts';
import { freePort } from '../harness/free-port.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** The pages of the provider and of the two applications, which the portal's own tests do not open. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const password = 'a lamp beside the window';
let world: World;
let server: FastifyInstance;
let applications: RunningApplications;
let browser: Browser;
let portal: string;

beforeAll(async () => {
  world = await makeWorld();
  portal = `http://localhost:${await freePort()}`;
  world.services = { ...world.services, config: { ...world.services.config, url: portal } };
  server = await makeServer(world.services);
  await server.listen({ host: '127.0.0.1', port: Number(new URL(portal).port) });
  applications = await startDemoApplications({
    issuer: `${portal}/oidc`,
    portalUrl: portal,
    ports: [0, 0],
    clientIdOf: async (key) => key,
  });
  // The world's application `parts` is within acme's ceiling, `ledger` above it.
  for (const [key, application] of [
    ['parts-desk', 'parts'],
    ['field-notes', 'ledger'],
  ] as const) {
    const url = applications.urls[key]!;
    await sql`update application set client_id = ${key}, redirect_uris = ${[`${url}/callback`]}, post_logout_redirect_uris = ${[`${url}/`]}
      where id = ${world.applications[application]}`.execute(world.db);
  }
  const { acmeMember } = world.people;
  await sql`insert into credential (user_id, password_hash) values (${acmeMember.userId}, ${await hashPassword(password)})`.execute(
    world.db,
  );
  await sql`insert into assignment (id, membership_id, entitlement_id, why)
    values (gen_random_uuid(), ${acmeMember.membershipId}, ${world.entitlements.partsBuyer}, 'direct')`.execute(
    world.db,
  );
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await applications?.stop();
  await server?.close();
  await world?.close();
});

async function signedIn(
  colorScheme: 'light' | 'dark',
): Promise<{ context: BrowserContext; page: Page; said: string[] }> {
  const context = await browser.newContext({ colorScheme, viewport: { width: 360, height: 740 } });
  const answer = await context.request.post(`${portal}/api/session`, {
    headers: { origin: portal },
    data: { email: 'acmemember@example.org', password },
  });
  expect(answer.status()).toBe(200);
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  return { context, page, said };
}

/** Nothing for axe to find, nothing wider than a phone. */
async function looksRight(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { violations } = await (
      window as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }
    ).axe.run();
    return violations.map(({ id }) => id);
  });
  expect({ at: page.url(), violations }).toEqual({ at: page.url(), violations: [] });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
}

describe.each(['light', 'dark'] as const)('signing on, %s', (scheme) => {
  it('shows who is signed on, and what the roles open', async () => {
    const { context, page, said } = await signedIn(scheme);
    await page.goto(applications.urls['parts-desk']!);
    await looksRight(page);
    await page.getByRole('link', { name: 'Sign in with Remit' }).click();
    await page.getByText('acmeMember').waitFor();
    await page.getByText('Put an order together.').waitFor();
    expect(await page.getByRole('link', { name: 'Ask for a role' }).getAttribute('href')).toBe(
      `${portal}/ask?application=Parts%20Desk`,
    );
    await looksRight(page);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('Put an order together.').waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign out' }).waitFor();
    await looksRight(page);
    await page.getByRole('button', { name: 'Sign out of everything' }).click();
    await page.getByText('You are not signed in here.').waitFor();
    expect(said).toEqual([]);
    await context.close();
  });

  it('says so when the organization may not use the application', async () => {
    const { context, page } = await signedIn(scheme);
    await page.goto(`${applications.urls['field-notes']}/sign-in`);
    await page.getByRole('heading', { name: 'ledger is not open to acme' }).waitFor();
    await looksRight(page);
    await context.close();
  });

  it('says so when a sign-on ran out', async () => {
    const { context, page } = await signedIn(scheme);
    await page.goto(`${portal}/oidc/interaction/long-gone`);
    await page.getByRole('heading', { name: 'This sign-in has run out' }).waitFor();
    await looksRight(page);
    await context.close();
  });
});
