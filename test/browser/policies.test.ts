import { afterAll, beforeAll, expect, it } from 'vitest';
import { looksRight } from './looks.ts';
import { caller } from './prepared.ts';
import { type Stage, startStage, type Tab } from './stage.ts';

/** Who approves, made by clicks: a policy of two steps, its picture, a dry run, one that would hang, and the hours. */
let stage: Stage;
let mara: Tab;

beforeAll(async () => {
  stage = await startStage();
  const sam = await caller(stage, 'sam');
  const [offer] = (await sam.call('request.catalogue', {})).items.filter(
    ({ kind }) => kind === 'entitlement',
  );
  await sam.call('request.create', { entitlementId: offer!.id, reason: 'I write the reports.' });
  mara = await stage.tab({ reducedMotion: 'reduce' });
  await mara.signIn('mara@acme-solar.example');
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

const step = (number: number) => mara.page.getByRole('region', { name: new RegExp(`^Step ${number}: `) });
const adds = async (number: number, button: string, who: string) => {
  await step(number).getByRole('button', { name: button, exact: true }).click();
  await mara.page.getByRole('menuitem', { name: who, exact: true }).click();
};

it('a policy of two steps, with two of several and an escalation, says and draws what it does', async () => {
  await mara.click('link', 'Approvals');
  await mara.sees('No policy is in force here');
  await mara.click('link', 'New policy');
  await mara.fill('Name', 'Parts and contracts');
  await mara.page.getByText('access', { exact: true }).click();
  await adds(1, 'Add who decides', 'The organization’s managers');
  await step(1).getByLabel('How many have to say yes').selectOption('at least …');
  await step(1).getByRole('button', { name: 'Then ask others, too' }).click();
  await adds(1, 'Add who is asked, too', 'The managers of the level above');
  await mara.click('button', 'Another step');
  await step(2).getByLabel('Name of the step').fill('Contracts');
  await adds(2, 'Add who decides', 'People by name');
  await step(2).getByRole('combobox', { name: 'Which person' }).fill('Nils');
  await mara.click('option', /^Nils/);
  await mara.sees(/At least 2 different people say yes within 3 working days: the organization’s managers/);
  await mara.sees(
    /If they do not, these are asked, too, for 2 working days: the managers of the level above/,
  );
  const picture = mara.page.getByRole('img', { name: /^Picture of the policy/ });
  for (const words of ['1. Approval', '2. Contracts', 'Nils', 'Approved'])
    await picture.getByText(words).first().waitFor();
});

it('is tried on a request before it is saved', async () => {
  await mara.page.getByRole('combobox', { name: 'Request' }).click();
  await mara.click('option', /^Sam Sparks/);
  await mara.sees('This policy is about it.');
  await mara.sees(/Could decide now: Mara Moss/);
  await mara.sees(/If nobody does anything, it is refused on/);
  await looksRight(mara, 'the editor of a policy');
});

it('is refused with the step that would hang, until it does not', async () => {
  await step(2).getByLabel('How many have to say yes').selectOption('at least …');
  await step(2).getByLabel('Different people').fill('3');
  await mara.click('button', 'Save');
  await step(2)
    .getByRole('alert')
    .getByText(/This step would hang: it asks for 3 different people, and fewer can decide/)
    .waitFor();
  expect(await step(1).getByRole('alert').count()).toBe(0);
  await looksRight(mara, 'a policy that would hang');
  await step(2).getByRole('button', { name: 'Move step 2 up' }).click();
  await step(1).getByLabel('How many have to say yes').selectOption('one of them');
  await mara.click('button', 'Save');
  await mara.sees('Parts and contracts is saved');
  const card = mara.page.getByRole('listitem', { name: 'Parts and contracts' });
  await card.getByText(/^Contracts:/).waitFor();
  await looksRight(mara, 'the list of policies');
});

it('counts by hours that are set by clicks, days off pasted', async () => {
  await mara.click('button', 'Change hours');
  const dialog = mara.page.getByRole('dialog');
  await dialog.getByText('Fri', { exact: true }).click();
  await dialog.getByLabel('Add days off').fill('25.12.2026 2026-12-26 Christmas');
  await dialog.getByRole('button', { name: 'Add these days' }).click();
  await dialog.getByText('Not a date: Christmas').waitFor();
  await dialog.getByRole('button', { name: 'Remove 26 Dec 2026' }).click();
  await looksRight(mara, 'the hours of an organization');
  await dialog.getByLabel('Add days off').fill('');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await mara.sees(/Monday to Thursday, from/);
  await mara.sees('Its own hours · 1 day off');
});
