import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stage, startStage, type Tab } from './stage.ts';

/** A light first load: the sign-in page is what everybody sees first, on whatever line they have. */
const most = 200_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

it.each([
  ['en-GB', 'Sign in'],
  ['de-AT', 'Anmelden'],
])('the first page, in %s, needs less than 200 kB of compressed script', async (locale, signIn) => {
  const tab = await stage.tab({ locale });
  const scripts: Promise<[string, number]>[] = [];
  tab.page.on('response', (response) => {
    if (response.url().endsWith('.js'))
      scripts.push(response.body().then((body) => [response.url(), gzipSync(body).length]));
  });
  await tab.open('/sign-in');
  await tab.find('button', signIn).waitFor();
  await tab.page.waitForLoadState('networkidle');
  const sizes = await Promise.all(scripts);
  expect(sizes.length).toBeGreaterThan(0);
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  expect(total, JSON.stringify(sizes.sort((one, other) => other[1] - one[1]).slice(0, 8))).toBeLessThan(most);
});

it('a language that somebody chooses stays: after a reload, on another device, and at the next sign-in', async () => {
  const spoken = (tab: Tab): Promise<string> => tab.page.evaluate(() => document.documentElement.lang);
  const chosenOn = (words: string, language: string): RegExp =>
    new RegExp(
      `${words} \\d+ ${new Intl.DateTimeFormat(language, { month: 'short' }).format(new Date())}\\.? \\d{4}`,
    );
  const tab = await stage.tab();
  await tab.signIn('mara@acme-solar.example');
  await tab.open('/me');
  await tab.sees(chosenOn('Chosen on', 'en-GB'));
  await tab.click('button', /Account of Mara Moss/);
  await tab.click('menuitem', 'Nederlands');
  await tab.find('heading', 'Mijn account').waitFor();
  await tab.sees(chosenOn('Gekozen op', 'nl'));
  expect(await spoken(tab)).toBe('nl');
  await tab.page.reload();
  await tab.find('heading', 'Mijn account').waitFor();
  expect(await spoken(tab)).toBe('nl');

  const other = await stage.tab();
  await other.signIn('mara@acme-solar.example');
  await other.find('heading', 'Hallo Mara Moss').waitFor();

  await tab.click('button', /Account van Mara Moss/);
  await tab.click('menuitem', 'Afmelden');
  await tab.find('heading', 'Aanmelden').waitFor();
  await tab.click('button', 'Français');
  await tab.find('heading', 'Se connecter').waitFor();
  expect(await spoken(tab)).toBe('fr');
});
