import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stage, startStage } from './stage.ts';

/** A light first load: the sign-in page is what everybody sees first, on whatever line they have. */
const most = 200_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

it('the first page needs less than 200 kB of compressed script', async () => {
  const tab = await stage.tab();
  const scripts: Promise<[string, number]>[] = [];
  tab.page.on('response', (response) => {
    if (response.url().endsWith('.js'))
      scripts.push(response.body().then((body) => [response.url(), gzipSync(body).length]));
  });
  await tab.open('/sign-in');
  await tab.find('button', 'Sign in').waitFor();
  await tab.page.waitForLoadState('networkidle');
  const sizes = await Promise.all(scripts);
  expect(sizes.length).toBeGreaterThan(0);
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  expect(total, JSON.stringify(sizes.sort((one, other) => other[1] - one[1]).slice(0, 8))).toBeLessThan(most);
});
