import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './chromium.ts';

const server = createServer((_, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(
    '<!doctype html><title>Page</title><button onclick="this.textContent=`Pressed ä`">Press</button>',
  );
});
let browser: Browser;
let address: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  server.close();
});

it('opens, runs and draws a page of this machine', async () => {
  const page = await browser.newPage({ viewport: { width: 360, height: 640 } });
  await page.goto(address);
  await page.getByRole('button', { name: 'Press' }).click();
  await page.getByRole('button', { name: 'Pressed ä' }).waitFor();
  const picture = await page.screenshot();
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  // letters have a width only when fonts were found
  const width = await page.getByRole('button').evaluate((button) => button.getBoundingClientRect().width);
  expect(width).toBeGreaterThan(40);
  await page.close();
});

it('reaches nothing else', async () => {
  const page = await browser.newPage();
  await expect(page.goto('http://example.org/')).rejects.toThrow('ERR_NAME_NOT_RESOLVED');
  await page.close();
});
