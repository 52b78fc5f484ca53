import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { looksRight } from './looks.ts';
import { caller } from './prepared.ts';
import { type Stage, startStage, type Tab } from './stage.ts';

/** The jobs of those who look after organizations that the main story leaves out; how the pages look is pages.test.ts's. */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

async function enter(email: string): Promise<Tab> {
  const tab = await stage.tab({ reducedMotion: 'reduce' });
  await tab.signIn(email);
  return tab;
}

it('the tree goes by keyboard', async () => {
  const tab = await enter('petra@lumen.example');
  await tab.open('/organizations');
  // What a branch holds is read after the branch stands; a key before that has nowhere to go.
  await tab.find('treeitem', /Acme Solar/).waitFor();
  await tab.find('treeitem', /Lumen Energy/).focus();
  await tab.page.keyboard.press('ArrowDown');
  await tab.page.keyboard.press('ArrowRight');
  await tab.find('treeitem', /Acme Solar North/).waitFor();
  await tab.page.keyboard.press('ArrowRight');
  await tab.page.keyboard.press('Enter');
  await tab.find('heading', 'Acme Solar North').waitFor();
});

it('a request is decided by keyboard, and a decision is undone', async () => {
  const sam = await enter('sam@acme-solar.example');
  await sam.open('/ask');
  const askable = sam.page.getByRole('button', { name: /^Ask for / });
  await askable.first().waitFor();
  for (let asked = 0; asked < 2; asked += 1) {
    const before = await askable.count();
    await askable.first().click();
    const dialog = sam.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.waitFor({ state: 'hidden' });
    // What was asked for is offered no more; before that the same one would be asked for again.
    await expect.poll(() => askable.count(), { timeout: 10_000 }).toBe(before - 1);
  }
  const mara = await enter('mara@acme-solar.example');
  await mara.open('/requests');
  const waiting = mara.page.getByRole('list', { name: 'Waiting for you' }).locator('> li');
  await expect.poll(() => waiting.count(), { timeout: 10_000 }).toBe(2);
  await mara.page.keyboard.press('j');
  await mara.page.keyboard.press('a');
  await mara.sees(/^Approved: /);
  await expect.poll(() => waiting.count()).toBe(1);
  await mara.click('button', 'Undo');
  await expect.poll(() => waiting.count()).toBe(2);
});

it('files with mistakes take over nothing, and say where each mistake is; right ones go in', async () => {
  const tab = await enter('petra@lumen.example');
  await tab.open('/take-over');
  const example = join(import.meta.dirname, '../../demo/import-example');
  const file = (name: string, content = readFileSync(join(example, name), 'utf8')) => ({
    name,
    mimeType: 'text/csv',
    buffer: Buffer.from(content),
  });
  const choose = tab.page.locator('input[type=file]');
  await choose.setInputFiles([
    file('organizations.csv', 'id,parent,name\na,,A\nb,zz,B\n'),
    file('our people.csv', 'login,voller Name\nx,X\n'),
  ]);
  await tab.click('combobox', 'our people.csv is');
  await tab.click('option', 'users.csv');
  await tab.click('button', 'See what would happen');
  const errors = tab.page.getByRole('table', { name: 'What is wrong in the files' });
  await errors.getByRole('row', { name: /organizations\.csv 3 parent .*zz/ }).waitFor();
  await looksRight(tab, 'mistakes');
  const saved = tab.page.waitForEvent('download');
  await tab.click('button', 'Save this list as a file');
  expect((await saved).suggestedFilename()).toBe('take-over-errors.csv');
  // a column of another name is mapped, not renamed in the file
  await tab.click('combobox', 'displayName in users.csv is');
  await tab.click('option', 'voller Name');
  await tab.click('button', 'Look again');
  await errors.getByRole('row', { name: /displayName/ }).waitFor({ state: 'hidden' });

  await tab.open('/take-over');
  await choose.setInputFiles(
    ['organizations', 'users', 'memberships', 'managers', 'applications', 'assignments'].map((name) =>
      file(`${name}.csv`),
    ),
  );
  await tab.click('button', 'See what would happen');
  await tab.page
    .getByRole('table', { name: 'What would happen' })
    .getByRole('row', { name: /^People/ })
    .waitFor();
  await looksRight(tab, 'the difference');
  await tab.click('button', 'Take over');
  await tab.sees('Everything is taken over');
  await looksRight(tab, 'the result');
  // the same again: nothing to do
  await tab.open('/take-over');
  await choose.setInputFiles([file('organizations.csv'), file('users.csv'), file('memberships.csv')]);
  await tab.click('button', 'See what would happen');
  await tab.sees('There is nothing to do');
});

it('many invitations are sent again and taken back at once', async () => {
  const tab = await enter('mara@acme-solar.example');
  await tab.open('/invitations/new?way=many');
  await tab.fill('Paste people here', 'one@acme-solar.example\ntwo@acme-solar.example\nnobody at all');
  await tab.click('button', 'Send 2 invitations');
  await tab.sees('2 invitations sent');
  // the bad one stays in the box
  expect(await tab.find('textbox', 'Paste people here').inputValue()).toBe('nobody at all');
  await tab.open('/invitations');
  await tab.page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  const bar = tab.page.getByRole('region', { name: 'Selected rows' });
  await bar.getByRole('button', { name: 'Send again' }).click();
  await tab.sees('2 sent again.');
  await tab.page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await bar.getByRole('button', { name: 'Take back' }).click();
  await tab.page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await tab.sees('2 taken back.');
  await tab.open('/invitations?state=revoked');
  await tab.find('cell', /one@acme-solar\.example/).waitFor();
});

it('pages of others say that they are not allowed, not that they are empty', async () => {
  const tab = await enter('sam@acme-solar.example');
  for (const path of [
    '/organizations',
    '/onboard',
    '/take-over',
    '/invitations',
    '/invitations/new',
    '/applications',
    '/applications/register',
    '/access-roles',
    '/trail',
  ]) {
    await tab.open(path);
    await tab.sees('This is not yours to see');
  }
});

it('what was shown is done, or the new preview is shown', async () => {
  const tab = await enter('mara@acme-solar.example');
  const petra = await caller(stage, 'petra');
  const mara = await caller(stage, 'mara');
  const nils = (await mara.call('user.list', { search: 'Nils North' })).items[0]!;
  const south = (await mara.call('organization.list', { search: 'Acme Solar South' })).items[0]!;
  await tab.open(`/people/${nils.membershipId}`);
  await tab.click('button', 'Suspend');
  const dialog = tab.page.getByRole('dialog');
  await dialog.getByText('1 person loses').waitFor();
  const confirm = dialog.getByRole('button', { name: 'Suspend', exact: true });
  await expect.poll(() => confirm.getAttribute('aria-disabled')).toBeNull();
  // somebody gives him more meanwhile: suspending him would take that, too
  await petra.call('delegation.create', {
    organizationId: south.id,
    delegate: { membershipId: nils.membershipId },
    permissions: ['user.read'],
  });
  await confirm.click();
  await dialog.getByText('The world moved: look again').waitFor();
  await dialog
    .getByText(/Acme Solar South/)
    .first()
    .waitFor();
  expect((await mara.call('membership.read', { membershipId: nils.membershipId })).state).toBe('active');
  await expect.poll(() => confirm.getAttribute('aria-disabled')).toBeNull();
  await confirm.click();
  await tab.sees('Nils North is suspended and can use nothing.');
  expect((await mara.call('membership.read', { membershipId: nils.membershipId })).state).toBe('suspended');
});
