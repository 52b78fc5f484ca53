import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Catcher, startCatcher } from '../../src/notices/catcher.ts';
import { render } from '../../src/notices/letter.ts';
import { type Mailer, smtpMailer } from '../../src/notices/mail.ts';
import { makeServer } from '../../src/server/http.ts';
import { launchChromium } from '../harness/chromium.ts';
import { freePort } from '../harness/free-port.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** Pages that the server makes itself, and the portal's files as it serves them. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'remit-pages-'));
let world: World;
let server: FastifyInstance;
let catcher: Catcher;
let mailer: Mailer;
let browser: Browser;
let url: string;

beforeAll(async () => {
  mkdirSync(join(directory, 'dist/assets'), { recursive: true });
  writeFileSync(
    join(directory, 'dist/index.html'),
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="csp-nonce" content="__CSP_NONCE__"><title>Portal</title></head>
<body><main><h1>Portal</h1><p id="state">no script</p></main><script type="module" src="/assets/main-1a2b.js"></script></body></html>`,
  );
  writeFileSync(
    join(directory, 'dist/assets/main-1a2b.js'),
    `const style = document.createElement('style');
style.nonce = document.querySelector('meta[name=csp-nonce]').content;
style.textContent = 'h1 { letter-spacing: 7px }';
document.head.append(style);
document.querySelector('#state').textContent = 'script ran';`,
  );
  world = await makeWorld();
  url = `http://localhost:${await freePort()}`;
  catcher = await startCatcher(directory);
  mailer = smtpMailer(catcher.smtpUrl, url);
  server = await makeServer(
    { ...world.services, config: { ...world.services.config, url } },
    { catcher, portal: join(directory, 'dist') },
  );
  await server.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  mailer?.close();
  await catcher?.close();
  await world?.close();
  rmSync(directory, { recursive: true });
});

/** Opens a page and tells what its policy or its scripts complained about. */
async function open(
  path: string,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 360, height: 740 }, colorScheme });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  await page.goto(`${url}${path}`);
  return { page, complaints };
}

async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe: run } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await run.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
  expect(violations).toEqual([]);
  const overflows = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(overflows).toBe(false);
}

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  it('the API reference reads without a network or a script', async () => {
    const { page, complaints } = await open('/docs/api', scheme);
    await page.getByRole('heading', { name: 'invitation', exact: true }).waitFor();
    await accessible(page);
    await page.getByText('Invite people to join an organization.').first().click();
    await page.locator('[id="invitation.create"]').getByText('Needs the permission').waitFor();
    expect(await page.locator('h1').evaluate((h) => getComputedStyle(h).fontFamily)).toContain('system-ui');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('mails of a demo are listed and read, whatever stands in them', async () => {
    await mailer.send(
      render({
        to: { name: 'Ada <b>Example</b>', address: 'ada@example.net' },
        subject: `<script>alert(1)</script> for ${scheme}`,
        paragraphs: ['Hello <img src=x onerror=alert(1)>'],
        facts: [],
        button: { label: 'Look', url: `${url}/invitation#secret` },
        footer: 'Bye.',
      }),
    );
    const { page, complaints } = await open('/dev/mail', scheme);
    await accessible(page);
    await page.getByRole('link', { name: `<script>alert(1)</script> for ${scheme}` }).click();
    await page.getByText('Hello <img src=x onerror=alert(1)>').waitFor();
    await accessible(page);
    await page.getByRole('link', { name: `${url}/invitation#secret` }).click();
    await page.waitForURL(`${url}/invitation#secret`);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

it('an empty mail page says so', async () => {
  const empty = await startCatcher(join(directory, 'empty'));
  const other = await makeServer(world.services, { catcher: empty });
  const { body } = await other.inject({ url: '/dev/mail', headers: { host: 'localhost' } });
  expect(body).toContain('No mail yet.');
  await other.close();
  await empty.close();
});

describe('mails of a demo', () => {
  it('are not shown under a name that another site points at this machine', async () => {
    const { statusCode, body } = await server.inject({
      url: '/dev/mail',
      headers: { host: 'rebound.example' },
    });
    expect(statusCode).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ code: 'demo.off' });
  });

  it('are found by their own ids only', async () => {
    for (const id of ['..%2f..%2fetc%2fpasswd', '0000000000000-000000000000', 'x'])
      expect((await fetch(`${url}/dev/mail/${id}`)).status).toBe(404);
  });
});

describe('the portal’s files', () => {
  it('run under the strict policy, at every address of the portal', async () => {
    for (const path of [
      '/',
      '/organizations/1?section=managers',
      '/invitation#secret',
      '/people/ada@example.net',
    ]) {
      const { page, complaints } = await open(path);
      await page.getByText('script ran').waitFor();
      expect(await page.locator('h1').evaluate((h) => getComputedStyle(h).letterSpacing)).toBe('7px');
      expect(complaints).toEqual([]);
      await page.close();
    }
  });

  it('are kept by browsers when their name tells their content, and never otherwise', async () => {
    const asset = await fetch(`${url}/assets/main-1a2b.js`);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toContain('javascript');
    for (const path of ['/', '/index.html', '/people']) {
      const page = await fetch(`${url}${path}`);
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(await page.text()).not.toContain('__CSP_NONCE__');
    }
  });

  it('travel compressed to those who take it', async () => {
    const path = '/assets/main-1a2b.js';
    const plain = await server.inject({ url: path });
    expect(plain.headers['content-encoding']).toBeUndefined();
    for (const [accepted, encoding, unpack] of [
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip;q=1.0, br;q=0', 'gzip', gunzipSync],
    ] as const) {
      const packed = await server.inject({ url: path, headers: { 'accept-encoding': accepted } });
      expect(packed.headers['content-encoding']).toBe(encoding);
      expect(packed.headers.vary).toBe('accept-encoding');
      expect(packed.headers['content-type']).toBe('text/javascript; charset=utf-8');
      expect(unpack(packed.rawPayload).toString()).toBe(plain.body);
    }
  });

  it('end at the portal’s folder', async () => {
    for (const path of [
      '/assets/none.js',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/..%2f..%2f..%2fmail',
      '/.env',
    ])
      expect(await (await fetch(`${url}${path}`)).text(), path).toMatch(/not-found|id="state"/);
  });
});
