import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { demoPassword } from '../../demo/people.ts';
import { type Running, start } from '../../src/main.ts';
import { passTime } from '../../src/platform/clock.ts';
import { readConfig } from '../../src/platform/config.ts';
import { launchChromium } from '../harness/chromium.ts';
import { freePort } from '../harness/free-port.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The demo as `npm start` makes it, on ports and data of its own, and a browser to look at it. */
export type Stage = {
  url: string;
  running: Running;
  browser: Browser;
  /** a browser of their own for one person */
  tab(options?: BrowserContextOptions): Promise<Tab>;
  close(): Promise<void>;
};

export async function startStage(): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), 'remit-browser-'));
  const port = await freePort();
  const running = await start(
    readConfig({
      PORT: String(port),
      REMIT_MANAGEMENT_PORT: '0',
      REMIT_DATA_DIR: dataDir,
      REMIT_LOG_LEVEL: 'error',
    }),
    { quiet: true, demoPorts: [0, 0] },
  );
  const browser = await launchChromium();
  const url = `http://localhost:${port}`;
  const tenSeconds = (): Promise<void> => passTime(running.services.db, 11);
  return {
    url,
    running,
    browser,
    tab: async (options) => {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        locale: 'en-GB',
        ...options,
      });
      context.setDefaultTimeout(20_000);
      return new Tab(url, await context.newPage(), tenSeconds);
    },
    close: async () => {
      await browser.close();
      await running.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

type Role = Parameters<Page['getByRole']>[0];

/** One person at a browser. Counts clicks for the budgets, and collects what the browser complains about. */
export class Tab {
  readonly url: string;
  readonly page: Page;
  /** Lets the time pass in which what was done can be undone, and after which mails leave and access counts. */
  readonly tenSeconds: () => Promise<void>;
  /** refused scripts and styles, and faults of our own script */
  readonly complaints: string[] = [];
  #clicks = 0;

  constructor(url: string, page: Page, tenSeconds: () => Promise<void>) {
    this.url = url;
    this.page = page;
    this.tenSeconds = tenSeconds;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/i.test(message.text()))
        this.complaints.push(message.text());
    });
  }

  find(role: Role, name: string | RegExp): Locator {
    return this.page
      .getByRole(role, { name, exact: typeof name === 'string' })
      .filter({ visible: true })
      .first();
  }

  async open(path: string): Promise<void> {
    await this.page.goto(path.startsWith('http') ? path : `${this.url}${path}`);
  }

  async click(role: Role, name: string | RegExp): Promise<void> {
    await this.press(this.find(role, name));
  }

  async press(what: Locator): Promise<void> {
    this.#clicks += 1;
    await what.click();
  }

  async fill(label: string | RegExp, text: string): Promise<void> {
    await this.page
      .getByRole('textbox', { name: label })
      .or(this.page.getByLabel(label).and(this.page.locator('input, textarea')))
      .filter({ visible: true })
      .first()
      .fill(text);
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  async seesNothingOf(text: string | RegExp): Promise<void> {
    expect(await this.page.getByText(text).filter({ visible: true }).count()).toBe(0);
  }

  /** Does a job and holds it to its budget (portal.md): clicks at most. */
  async within(clicks: number, job: () => Promise<void>): Promise<void> {
    const before = this.#clicks;
    await job();
    expect(this.#clicks - before).toBeLessThanOrEqual(clicks);
  }

  /** Required fields that stand on the page. */
  requiredFields(): Promise<number> {
    return this.page
      .locator('input:required:visible, textarea:required:visible, [aria-required=true]:visible')
      .count();
  }

  async signIn(email: string, password = demoPassword): Promise<void> {
    await this.open('/sign-in');
    await this.page.getByRole('textbox', { name: 'E-mail' }).fill(email);
    await this.page
      .getByLabel('Password', { exact: true })
      .or(this.page.getByRole('textbox', { name: 'Password' }))
      .first()
      .fill(password);
    await this.click('button', 'Sign in');
    await this.page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  }

  /** Opens the newest mail to this address on the mail page, and the one link in it. */
  async followMail(address: string, subject: RegExp): Promise<void> {
    await this.tenSeconds();
    await expect
      .poll(
        async () => {
          await this.open('/dev/mail');
          return await this.#mails(address, subject).count();
        },
        { timeout: 45_000, interval: 300 },
      )
      .toBeGreaterThan(0);
    await this.#mails(address, subject).first().getByRole('link').click();
    await this.page.locator('pre a').first().click();
    await this.page.waitForURL((url) => !url.pathname.startsWith('/dev/'));
  }

  #mails(address: string, subject: RegExp): Locator {
    return this.page
      .getByRole('row')
      .filter({ hasText: address })
      .filter({ has: this.page.getByRole('link', { name: subject }) });
  }

  /** No violation of WCAG 2.2 A and AA that axe can see. */
  async isAccessible(where: string): Promise<void> {
    // once a page: it is half a megabyte to read
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(axe);
    const violations = await this.page.evaluate(async () => {
      const { run } = (globalThis as unknown as { axe: typeof import('axe-core') }).axe;
      const { violations: found } = await run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
        // what passed need not be told
        resultTypes: ['violations'],
      });
      return found.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`,
      );
    });
    expect(violations, where).toEqual([]);
  }

  /** Nothing stands wider than the screen, so that nobody scrolls sideways. */
  async fits(where: string): Promise<void> {
    const wider = await this.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wider, `${where} is wider than the screen`).toBeLessThanOrEqual(0);
  }
}
