/**
 * Makes the pictures of the documents, `docs/pictures/*.png`, from the demo as `npm start` makes it, with some more people
 * in it: `npm run pictures`. Look at each before committing it.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { demoPassword, demoPeople } from '../demo/people.ts';
import { adminRoleId } from '../src/authority/permissions.ts';
import { type Running, start } from '../src/main.ts';
import { readConfig } from '../src/platform/config.ts';
import { makeLinkSecret } from '../src/platform/one-time-secrets.ts';
import { launchChromium } from '../test/harness/chromium.ts';
import { freePort } from '../test/harness/free-port.ts';
import { Visitor } from '../test/harness/visitor.ts';

const pictures = join(import.meta.dirname, '../docs/pictures');
/** What a reader waits for on a slow line. */
const mostBytes = 150_000;
const desk = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };

type Name = keyof typeof demoPeople;

/** Those with an address were invited, the others enrolled by hand. */
const crew: [name: string, place: 'acme' | 'north' | 'south', title: string, how: 'invited' | 'enrolled'][] =
  [
    ['Ada Amsel', 'acme', 'Buyer', 'invited'],
    ['Ben Brandt', 'acme', 'Planner', 'invited'],
    ['Carla Cortez', 'north', 'Fitter', 'invited'],
    ['Dario Dahl', 'north', 'Fitter', 'enrolled'],
    ['Emil Engel', 'north', 'Electrician', 'invited'],
    ['Fenna Faber', 'south', 'Fitter', 'invited'],
    ['Goran Gruber', 'south', 'Site lead', 'invited'],
    ['Hanna Holm', 'south', 'Electrician', 'enrolled'],
    ['Ines Ibarra', 'acme', 'Accounts', 'invited'],
    ['Jonas Jansen', 'south', 'Apprentice', 'enrolled'],
  ];

/** People whom the manager invited and who have set up their sign-in, requests that wait, access that was given. */
async function fill({ services }: Running): Promise<{ acme: string; sam: string }> {
  const { url } = services.config;
  const as = async (name: Name): Promise<Visitor> => {
    const visitor = new Visitor(url);
    await visitor.call('session.create', { email: demoPeople[name].email, password: demoPassword });
    return visitor;
  };
  const mara = await as('mara');
  const all = (await mara.call('organization.list', { search: 'Acme' })).items;
  const place = (name: string): string => all.find((one) => one.name === name)!.id;
  const places = {
    acme: place('Acme Solar'),
    north: place('Acme Solar North'),
    south: place('Acme Solar South'),
  };
  const password = 'a lamp beside the window';
  for (const [displayName, where, title, how] of crew) {
    const userName = displayName.split(' ')[0]!.toLowerCase();
    const organizationId = places[where];
    const newcomer = new Visitor(url);
    if (how === 'invited') {
      const { results } = await mara.call('invitation.create', {
        organizationId,
        people: [{ email: `${userName}@acme-solar.example`, displayName }],
        title,
      });
      const token = await makeLinkSecret(services.db, 'invitation', results[0]!.invitationId!, 3600);
      await newcomer.call('invitation.accept', { token, displayName, password });
      continue;
    }
    const { code } = await mara.call('user.enrol', { organizationId, displayName, userName, title });
    // one has not come yet
    if (displayName !== 'Jonas Jansen')
      await newcomer.call('code.redeem', { organization: organizationId, userName, code, password });
  }
  const person = async (name: string): Promise<string> =>
    (await mara.call('user.list', { search: name })).items[0]!.membershipId;
  const { applications } = await mara.call('entitlement.grantable', { organizationId: places.acme });
  const role = (name: string): string =>
    applications.flatMap(({ roles }) => roles).find((one) => one.name === name)!.entitlementId;
  await mara.call('assignment.grant', {
    membershipIds: await Promise.all(['Sam Sparks', 'Carla Cortez', 'Fenna Faber'].map(person)),
    entitlementIds: [role('Buyer')],
    accessRoleIds: [],
  });
  await mara.call('delegation.create', {
    organizationId: places.acme,
    delegate: { membershipId: await person('Ben Brandt') },
    adminRoleId: adminRoleId('delegated-manager'),
    entitlements: { applicationIds: [applications.find(({ name }) => name === 'Parts Desk')!.id] },
  });
  // Somebody who passed on what they were given, to be ended with everything that rests on it.
  await mara.call('delegation.create', {
    organizationId: places.acme,
    delegate: { membershipId: await person('Goran Gruber') },
    adminRoleId: adminRoleId('delegated-manager'),
    mayPassOn: 1,
  });
  const goran = new Visitor(url);
  await goran.call('session.create', { email: 'goran@acme-solar.example', password });
  for (const [name, role] of [
    ['Fenna Faber', 'help-desk'],
    ['Carla Cortez', 'application-manager'],
  ] as const)
    await goran.call('delegation.create', {
      organizationId: places.south,
      delegate: { membershipId: await person(name) },
      adminRoleId: adminRoleId(role),
    });
  await goran.call('invitation.create', {
    organizationId: places.south,
    people: [{ email: 'olaf@acme-solar.example', displayName: 'Olaf Olsen' }],
  });
  for (const [name, wish, reason] of [
    ['sam', 'Author', 'I write the reports of the north from Monday on.'],
    ['tess', 'Approver', 'I sign off orders while Mara is away.'],
  ] as const)
    await (await as(name)).call('request.create', { entitlementId: role(wish), reason });
  return { acme: places.acme, sam: await person('Sam Sparks') };
}

async function pageOf(browser: Browser, url: string, name: Name, viewport = desk): Promise<Page> {
  const context = await browser.newContext({
    viewport,
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Amsterdam',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.getByRole('textbox', { name: 'E-mail' }).fill(demoPeople[name].email);
  await page.getByLabel('Password', { exact: true }).fill(demoPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: /^Hello/ }).waitFor();
  return page;
}

async function take(page: Page, name: string): Promise<void> {
  await page.locator('[aria-busy=true]').filter({ visible: true }).first().waitFor({ state: 'hidden' });
  await page.mouse.move(0, 0);
  const path = join(pictures, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const { size } = statSync(path);
  console.log(`${name}.png  ${Math.round(size / 1000)} kB`);
  if (size > mostBytes) throw new Error(`${name}.png has ${size} bytes, more than ${mostBytes}.`);
}

const dataDir = mkdtempSync(join(tmpdir(), 'remit-pictures-'));
mkdirSync(pictures, { recursive: true });
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
try {
  const { url } = running.services.config;
  const { acme, sam } = await fill(running);

  const petra = await pageOf(browser, url, 'petra');
  await petra.goto(`${url}/onboard`);
  await petra.getByRole('textbox', { name: 'Organization' }).fill('Delta Roofs');
  await petra.getByRole('textbox', { name: 'Manager’s name' }).fill('Dora Delta');
  await petra.getByRole('textbox', { name: 'Manager’s e-mail' }).fill('dora@delta.example');
  await petra.getByRole('button', { name: /^Applications, place/ }).click();
  await petra.getByText('Mail domains').waitFor();
  await take(petra, 'onboard');
  await petra.goto(`${url}/organizations/${acme}?section=managers`);
  await petra.getByRole('list', { name: 'Managers of Acme Solar' }).waitFor();
  await take(petra, 'organization');

  await petra.goto(`${url}/map?organizationId=${acme}`);
  await petra.getByRole('listitem', { name: 'Ben Brandt' }).waitFor();
  await petra.getByRole('button', { name: '2 directly below Acme Solar' }).click();
  await petra.getByText('Nils North: Manager').waitFor();
  await petra.getByRole('button', { name: 'Show all of it' }).click();
  await take(petra, 'map');

  await petra.goto(`${url}/organizations/${acme}?section=managers`);
  await petra.getByRole('button', { name: 'End Goran Gruber' }).click();
  const asked = petra.getByRole('dialog');
  await asked.getByText(/(people lose|person loses)$/).waitFor();
  await take(petra, 'preview');
  await asked.getByRole('button', { name: 'End', exact: true }).click();
  await petra.getByRole('link', { name: 'See everything that ended with it' }).click();
  await petra.getByRole('heading', { name: 'Ended for Goran Gruber' }).waitFor();
  await petra.getByText('What was passed on from it').waitFor();
  await petra.getByText('Ended for Goran Gruber.').waitFor({ state: 'hidden' });
  await take(petra, 'receipt');

  const olga = await pageOf(browser, url, 'olga');
  await olga.goto(`${url}/targets`);
  await olga.getByRole('link', { name: 'Company directory' }).click();
  await olga.getByRole('heading', { name: 'Company directory' }).waitFor();
  // accounts are made when the demo has started
  const unanswered = olga.getByText('never', { exact: true });
  while ((await unanswered.count()) > 0) {
    await olga.reload();
    await olga.getByRole('heading', { name: 'How it is' }).waitFor();
  }
  await take(olga, 'system');

  const mara = await pageOf(browser, url, 'mara');
  await mara.goto(`${url}/people`);
  for (const name of ['Ada Amsel', 'Carla Cortez', 'Fenna Faber'])
    await mara.getByRole('checkbox', { name: `Select ${name}` }).check();
  await take(mara, 'people');
  await mara.goto(`${url}/people/${sam}`);
  const why = mara.getByRole('button', { name: 'Why: Buyer in Parts Desk' });
  await why.waitFor();
  // access begins ten seconds after it was given
  await mara.getByText('begins in a moment').first().waitFor({ state: 'hidden' });
  await why.click();
  await mara
    .getByRole('dialog')
    .getByText(/Mara Moss/)
    .first()
    .waitFor();
  await take(mara, 'person');
  await mara.goto(`${url}/invitations/new?way=many`);
  await mara
    .getByRole('textbox', { name: 'Paste people here' })
    .fill(
      'Karl Kern <karl@acme-solar.example>; Lena Lund <lena@acme-solar.example>\nmilo@acme-solar.example\nTess Two <tess@acme-solar.example>\nNora, extension 12',
    );
  await mara.getByText('already here').waitFor();
  await take(mara, 'invite');
  await mara.goto(`${url}/requests`);
  await mara.getByText(/^Tess Two asks/).waitFor();
  await take(mara, 'requests');
  await mara.goto(`${url}/trail`);
  await mara.getByRole('table', { name: 'Trail' }).waitFor();
  await take(mara, 'trail');

  const pocket = await pageOf(browser, url, 'mara', phone);
  await pocket.goto(`${url}/requests`);
  await pocket.getByText(/^Tess Two asks/).waitFor();
  await take(pocket, 'phone');
} finally {
  await browser.close();
  await running.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
