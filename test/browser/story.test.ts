import { mkdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Stage, startStage, type Tab } from './stage.ts';

/**
 * The main job as people do it: through the portal, the page of mails and the two applications, and by nothing else.
 * One test a step, in order; budgets of clicks are held on the way.
 */
let stage: Stage;
let petra: Tab;
let mara: Tab;
let nils: Tab;
let sam: Tab;
const password = 'my own long password';
const tabs: Tab[] = [];
const newTab = async (): Promise<Tab> => {
  const tab = await stage.tab();
  tabs.push(tab);
  return tab;
};

beforeAll(async () => {
  stage = await startStage();
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

/** What everybody saw when a step failed: `REMIT_TEST_PICTURES` names the folder. */
afterEach(async ({ task }) => {
  const folder = process.env.REMIT_TEST_PICTURES;
  if (!folder || task.result?.state !== 'fail') return;
  mkdirSync(folder, { recursive: true });
  for (const [index, tab] of tabs.entries()) await tab.page.screenshot({ path: `${folder}/${index}.png` });
});

/** Accepts in two screens: who invited you to what; set up sign-in. */
async function accept(address: string, subject: RegExp, name?: string): Promise<Tab> {
  const tab = await newTab();
  await tab.followMail(address, subject);
  await tab.sees(/invites you to join/);
  await tab.within(2, async () => {
    await tab.click('button', 'Continue');
    if (name) await tab.fill('Name', name);
    await tab.fill('New password', password);
    await tab.click('button', /^Join /);
  });
  await tab.find('heading', /^Hello/).waitFor();
  return tab;
}

it('2. the power user registers an application, bundles roles, and onboards a partner', async () => {
  petra = await newTab();
  await petra.signIn('petra@lumen.example');
  await petra.open('/applications/register');
  await petra.fill('Name', 'Site Plans');
  await petra.page.getByRole('group', { name: 'Role 1' }).getByLabel('Role name').fill('Planner');
  await petra.click('button', 'Register');
  await petra.find('heading', 'Site Plans is registered').waitFor();

  await petra.open('/access-roles');
  await petra.click('button', 'Make an access role');
  const dialog = petra.page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Yard crew');
  await dialog.getByRole('checkbox', { name: /^Buyer/ }).check();
  await dialog.getByRole('checkbox', { name: /^Reader/ }).check();
  await petra.press(dialog.getByRole('button', { name: 'Make it' }));
  await petra.sees('Yard crew is made.');

  await petra.open('/onboard');
  await petra.find('heading', 'Onboard a partner').waitFor();
  expect(await petra.requiredFields()).toBe(3);
  await petra.within(4, async () => {
    await petra.fill('Organization', 'Delta Roofs');
    await petra.fill('Manager’s name', 'Dora Delta');
    await petra.fill('Manager’s e-mail', 'dora@delta.example');
    await petra.click('button', 'Onboard');
    await petra.find('heading', 'Delta Roofs is set up').waitFor();
  });
});

it('3. its manager gets a mail, sets a password, and sees their own organization and nothing else', async () => {
  mara = await accept('dora@delta.example', /Delta Roofs/);
  await mara.open('/organizations');
  await mara.sees('Delta Roofs');
  await mara.seesNothingOf('Acme Solar');
  await mara.seesNothingOf('Lumen Energy');
  await mara.open('/me/delegations');
  await mara.sees('invite people');
  await mara.sees(/Every role of Parts Desk/);
});

it('4. the manager makes a sub-organization, appoints its manager, invites one and fifty, and enrols', async () => {
  await mara.open('/organizations');
  await mara.click('button', 'Make an organization below');
  const dialog = mara.page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Delta North');
  await mara.press(dialog.getByRole('button', { name: 'Make it' }));
  await mara.sees('Delta North is made.');
  await mara.find('heading', 'Delta North').waitFor();
  await mara.open(`${new URL(mara.page.url()).pathname}?section=managers`);
  await mara.within(3, async () => {
    await mara.click('button', /^Appoint (a|the first) manager$/);
    await mara.page
      .getByRole('dialog')
      .getByRole('combobox', { name: 'Who' })
      .or(mara.page.getByRole('dialog').getByRole('textbox', { name: 'Who' }))
      .first()
      .fill('nora@delta.example');
    await mara.click('option', 'Invite nora@delta.example');
    await mara.sees('nora@delta.example gets an invitation.');
    await mara.click('button', 'Invite as manager');
  });
  await mara.sees('Invitation sent to nora@delta.example.');
  nils = await accept('nora@delta.example', /Delta North/, 'Nora North');
  await nils.open('/organizations');
  await nils.sees('Delta North');
  await nils.seesNothingOf('Delta Roofs');

  await nils.open('/invitations/new');
  await nils.find('heading', 'Invite people').waitFor();
  await nils.within(3, async () => {
    await nils.fill('E-mail', 'sid@delta.example');
    await nils.click('button', 'Send the invitation');
  });
  await nils.sees('Invitation sent to sid@delta.example.');

  await mara.open('/invitations/new');
  const people = Array.from({ length: 50 }, (_, n) => `Person ${n} <person${n}@delta.example>`).join('\n');
  await mara.within(4, async () => {
    await mara.page.getByText('Many at once').first().click();
    await mara.fill('Paste people here', `${people}\nnot an address`);
    await mara.sees('will invite');
    await mara.click('button', 'Send 50 invitations');
    await mara.sees(/50 invitations sent/);
  });
  await mara.page.getByText('not an address').first().waitFor();
  await mara.open('/invitations');
  await mara.sees('person49@delta.example');

  await nils.open('/invitations/new');
  await nils.page.getByText('No e-mail', { exact: true }).first().click();
  await nils.fill('Full name', 'Tom Torque');
  await nils.fill('User name', 'tom');
  await nils.click('button', 'Enrol and show the code');
  await nils.sees('One-time code');
  const code = (await nils.page
    .getByText(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
    .first()
    .textContent())!;
  const tom = await newTab();
  await tom.open('/code');
  await tom.fill('Organization', 'Delta North');
  await tom.fill(/^User name/, 'tom');
  await tom.fill('One-time code', code);
  await tom.fill('New password', password);
  await tom.click('button', 'Set my password and sign in');
  await tom.find('heading', /Hello, Tom Torque/).waitFor();
});

it('4b. the manager gives a role to several at once, takes one with undo, and starts a recovery', async () => {
  sam = await accept('sid@delta.example', /Delta North/, 'Sid Site');
  await nils.open('/people');
  await nils.within(5, async () => {
    await nils.press(nils.page.getByRole('checkbox', { name: /^Select Tom/ }));
    await nils.press(nils.page.getByRole('checkbox', { name: /^Select (Sid|sid)/ }));
    await nils.click('button', 'Give access');
    await nils.press(nils.page.getByRole('dialog').getByRole('checkbox', { name: /^Buyer/ }));
    await nils.press(nils.page.getByRole('dialog').getByRole('button', { name: 'Give', exact: true }));
  });
  await nils.sees('2 people get the access.');
  await nils.open('/people');
  await nils.click('link', 'Tom Torque');
  await nils.within(2, async () => {
    await nils.click('button', /^Take away .*Buyer/);
  });
  await nils.click('button', 'Undo');
  await nils.sees('Undone.');
  await nils.open('/people');
  await nils.page.getByRole('row').filter({ hasText: 'sid@delta.example' }).getByRole('link').first().click();
  await nils.click('button', 'Send a recovery link');
  await nils.press(nils.page.getByRole('dialog').getByRole('button', { name: 'Send the link' }));
  await nils.sees(/A link is on its way/);
  await nils.open('/people');
  const download = nils.page.waitForEvent('download');
  await nils.find('link', 'Download as CSV').or(nils.find('button', 'Download as CSV')).first().click();
  expect((await download).suggestedFilename()).toMatch(/\.csv$/);
});

it('5. a person signs on once to both applications, asks for a role, and gets it by one click', async () => {
  const [parts, notes] = Object.values(stage.running.demoUrls) as [string, string];
  // What was given ten seconds ago and more is in force; signing in says which roles there are.
  await sam.tenSeconds();
  await expect
    .poll(
      async () => {
        await sam.open(`${parts}/sign-in`);
        return await sam.page.locator('body').innerText();
      },
      { timeout: 30_000, interval: 1000 },
    )
    .toMatch(/buyer/i);
  await sam.sees('Delta North');
  await sam.open(`${notes}/sign-in`);
  await sam.sees('Delta North');
  expect(await sam.page.locator('body').innerText()).not.toMatch(/author/i);

  await sam.click('link', /ask/i);
  await sam.find('heading', 'Ask for access').waitFor();
  await sam.within(3, async () => {
    await sam.click('button', /^Ask for .*Author/);
    await sam.press(sam.page.getByRole('dialog').getByRole('button', { name: 'Send' }));
  });
  await sam.sees(/You asked for/);

  await mara.open('/');
  await mara.sees(/request|asks|wait/i);
  await mara.open('/requests');
  await mara.within(1, () => mara.click('button', /^Approve .*Author/));
  await mara.sees(/^Approved:/);
  await mara.tenSeconds();
  await expect
    .poll(
      async () => {
        await sam.open(notes);
        await sam.click('button', /refresh|ask again|again|look/i);
        return await sam.page.locator('body').innerText();
      },
      { timeout: 40_000, interval: 1000 },
    )
    .toMatch(/author/i);
});

it('5b. somebody who belongs to two organizations has one sign-in and a switcher', async () => {
  const tess = await newTab();
  await tess.signIn('tess@acme-solar.example');
  await tess.click('button', /You act for Acme Solar/);
  await tess.click('menuitem', /Bright Installers/);
  await tess.find('button', /You act for Bright Installers/).waitFor();
  await tess.open(`${Object.values(stage.running.demoUrls)[1]}/sign-in`);
  await tess.sees('Bright Installers');
});

it('6. a manager leaves and nobody below loses anything; then the partner is narrowed, and ended', async () => {
  await mara.open('/organizations');
  await mara.page
    .getByRole('treeitem', { name: /Delta Roofs/ })
    .first()
    .waitFor();
  await mara.page
    .getByRole('treeitem', { name: /Delta Roofs/ })
    .getByText('Delta Roofs')
    .first()
    .click();
  await mara.find('heading', 'Delta Roofs').waitFor();
  const organization = new URL(mara.page.url()).pathname;

  // A second manager, whom the power user appoints, appoints somebody below, and leaves.
  await petra.open(`${organization}?section=managers`);
  await petra.click('button', 'Appoint a manager');
  const form = petra.page.getByRole('dialog');
  await form
    .getByRole('combobox', { name: 'Who' })
    .or(form.getByRole('textbox', { name: 'Who' }))
    .first()
    .fill('paul@delta.example');
  await petra.click('option', 'Invite paul@delta.example');
  await petra.press(form.getByRole('button', { name: 'What they may do, and until when' }));
  await form
    .getByRole('combobox', { name: 'May they appoint managers themselves?' })
    .or(form.getByRole('textbox', { name: 'May they appoint managers themselves?' }))
    .first()
    .click();
  await petra.click('option', 'Yes, as far as you may');
  await petra.click('button', 'Invite as manager');
  await petra.sees('Invitation sent to paul@delta.example.');
  const paul = await accept('paul@delta.example', /Delta Roofs/, 'Paul Peer');
  await paul.open('/organizations');
  await paul.page.getByRole('treeitem', { name: /Delta Roofs/ }).focus();
  await paul.page.keyboard.press('ArrowRight');
  await paul.page.getByText('Delta North').first().click();
  await paul.find('heading', 'Delta North').waitFor();
  await paul.open(`${new URL(paul.page.url()).pathname}?section=managers`);
  await paul.click('button', 'Appoint a manager');
  await paul.page
    .getByRole('dialog')
    .getByRole('combobox', { name: 'Who' })
    .or(paul.page.getByRole('dialog').getByRole('textbox', { name: 'Who' }))
    .first()
    .fill('Tom');
  await paul.click('option', /^Tom Torque/);
  await paul.sees(/Tom Torque may act as manager/);
  await paul.click('button', 'Appoint');

  await mara.open('/people');
  await mara.page
    .getByRole('row')
    .filter({ hasText: 'paul@delta.example' })
    .getByRole('link')
    .first()
    .click();
  await mara.within(3, async () => {
    await mara.click('button', 'Record leaving');
    await mara.sees(/appointment they made stands/);
    await mara.click('button', 'End it now');
  });
  await mara.sees(/has left\./);
  await mara.open(`${organization}?section=managers`);
  await mara.sees('Left behind by managers who are gone');
  await mara.click('button', 'Hand over');
  await mara.press(mara.page.getByRole('dialog').getByRole('button', { name: 'Hand over' }));
  await mara.sees(/Handed over, with 1 delegation below/);

  await petra.open(`${organization}?section=hand-out`);
  await petra.page.getByRole('checkbox', { name: 'Field Notes' }).uncheck();
  await petra.click('button', 'Take away what is unticked');
  await petra.press(
    petra.page.getByRole('dialog').getByRole('button', { name: 'Take away what is unticked' }),
  );
  await petra.sees('Taken away: Field Notes.');
  const notes = Object.values(stage.running.demoUrls)[1]!;
  await sam.open(notes);
  await sam.click('button', /refresh|ask again|again|look/i);
  expect(await sam.page.locator('body').innerText()).not.toMatch(/author/i);

  await petra.open(`${organization}?section=hand-out`);
  await petra.click('button', 'End Delta Roofs');
  await petra.press(petra.page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }));
  await petra.sees('Ended for Delta Roofs.');
  await mara.open('/people');
  await mara.sees('This is not yours to see');
  await nils.open('/people');
  await nils.sees('This is not yours to see');
  await mara.open('/me/delegations');
  await mara.sees(/What Delta Roofs may hand out was ended on/);
  const late = await newTab();
  await late.followMail('person7@delta.example', /Delta Roofs/);
  await late.sees(/no longer stands/);
});

it('7. every step stands in the trail', async () => {
  await petra.open('/trail');
  await petra.sees(/Dora Delta/);
  await petra.sees(/ended/i);
});

it('and no browser had anything to complain about', () => {
  expect(tabs.flatMap((tab) => tab.complaints)).toEqual([]);
});
