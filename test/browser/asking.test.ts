import { afterAll, beforeAll, expect, it } from 'vitest';
import { demoPeople } from '../../demo/people.ts';
import type { Visitor } from '../harness/visitor.ts';
import { looksRight } from './looks.ts';
import { caller, tabsOf, type Who } from './prepared.ts';
import { type Stage, startStage, type Tab } from './stage.ts';

/** Asking as people meet it: by a link, from a refusal, for a team, and as a stranger. */
let stage: Stage;
let tabOf: (who: Who) => Promise<Tab>;
let mara: Visitor;
let sam: Visitor;
let samId: string;
let acme: string;

beforeAll(async () => {
  stage = await startStage();
  tabOf = tabsOf(stage);
  [mara, sam] = await Promise.all([caller(stage, 'mara'), caller(stage, 'sam')]);
  const idOf = async (search: string) => (await mara.call('user.list', { search })).items[0]!.membershipId;
  samId = await idOf('Sam Sparks');
  const lineManagerId = await idOf('Nils North');
  await mara.call('membership.update', { membershipId: samId, lineManagerId, lastDay: '2099-06-30' });
  const places = (await mara.call('organization.list', { search: 'Acme Solar' })).items;
  acme = places.find(({ name }) => name === 'Acme Solar')!.id;
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

const dialog = (tab: Tab) => tab.page.getByRole('dialog');
const mine = async () => (await sam.call('request.list', { box: 'mine' })).items;

it('a link that somebody copied fills it in, also after signing in; asking twice is one request', async () => {
  const nils = await tabOf('nils');
  await nils.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await nils.open('/ask');
  await nils.click('button', 'Ask for Author in Field Notes');
  await nils.fill('Why do you need it? (optional)', 'Reports of the north.');
  await dialog(nils).getByLabel('Until (optional)').fill('2099-03-31');
  await dialog(nils).getByRole('button', { name: 'Copy link' }).click();
  await dialog(nils).getByRole('button', { name: 'Copied' }).waitFor();
  const link = await nils.page.evaluate(() => navigator.clipboard.readText());
  await nils.page.keyboard.press('Escape');

  const tab = await stage.tab({ reducedMotion: 'reduce' });
  await tab.open(link);
  await tab.fill('E-mail', demoPeople.sam.email);
  await tab.page.getByLabel('Password', { exact: true }).fill('look-after-your-own');
  await tab.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await dialog(tab).getByText('Ask for Author in Field Notes').waitFor();
  expect(await dialog(tab).getByRole('textbox').first().inputValue()).toBe('Reports of the north.');
  await looksRight(tab, 'asking, filled in by a link');
  await tab.within(1, async () => {
    await tab.press(dialog(tab).getByRole('button', { name: 'Send' }));
    await tab.sees(/You asked for Author in Field Notes/);
  });
  expect(await mine()).toMatchObject([{ reason: 'Reports of the north.', what: { name: 'Author' } }]);
  await tab.open(link);
  await tab.sees('Author in Field Notes was asked for already');
  await tab.click('link', 'See where it is');
  await tab.find('heading', 'Sam Sparks asks for Author in Field Notes').waitFor();
  await tab.open('/me/access');
  await tab.sees(/Step 1 of 1/);
  await looksRight(tab, 'what I asked for');
  await tab.click('button', 'Withdraw Author in Field Notes');
  await tab.sees('Withdrawn.');
  await tab.page.context().close();
});

it('a file that a policy wants comes with the asking; one that is not taken leads to the request', async () => {
  const { items } = await sam.call('request.catalogue', {});
  const author = items.find(({ name }) => name === 'Author')!.id;
  for (const applies of [{ entitlements: [author] }, { kinds: ['last-day' as const] }])
    await mara.call('approval-policy.create', {
      organizationId: acme,
      name: `With a file: ${Object.keys(applies)}`,
      applies,
      steps: [
        { name: 'One', approvers: [{ kind: 'managers' }], due: { workingDays: 2 }, attachment: 'required' },
      ],
    });
  const newest = async () => (await mine())[0]!.requestId;
  const files = async () =>
    (await sam.call('request.read', { requestId: await newest() })).attachments.map(({ name }) => name);
  const pdf = (name: string, words: string) => ({
    name,
    mimeType: 'application/pdf',
    buffer: Buffer.from(words),
  });
  const tab = await tabOf('sam');
  const choose = (file: ReturnType<typeof pdf>) =>
    tab.page.locator('input[type=file]').first().setInputFiles(file);
  const withdraw = async () => sam.call('request.withdraw', { requestId: (await mine())[0]!.requestId });

  await tab.open('/ask');
  await tab.sees(/A file is wanted/);
  await tab.click('button', 'Ask for Author in Field Notes');
  await choose(pdf('page.pdf', '<html>'));
  await dialog(tab).getByText('page.pdf').waitFor();
  await looksRight(tab, 'asking with a file');
  await tab.press(dialog(tab).getByRole('button', { name: 'Send' }));
  await tab.sees('You asked for Author in Field Notes, but the file was not added');
  await tab.find('heading', 'Sam Sparks asks for Author in Field Notes').waitFor();
  expect(await files()).toEqual([]);
  await looksRight(tab, 'asked, and without its file');
  await choose(pdf('diploma.pdf', '%PDF-1.7 diploma'));
  await tab.sees('The file stands beside your request.');
  expect(await files()).toEqual(['diploma.pdf']);
  await withdraw();

  await tab.open('/ask');
  await tab.click('button', 'Ask for Author in Field Notes');
  await choose(pdf('second.pdf', '%PDF-1.7 second'));
  await tab.press(dialog(tab).getByRole('button', { name: 'Send' }));
  await tab.sees('You asked for Author in Field Notes. You get a mail when it is decided.');
  expect(await files()).toEqual(['second.pdf']);
  await withdraw();

  await tab.click('button', 'Something else …');
  await tab.click('menuitem', 'A later last day');
  await dialog(tab).getByLabel('New last day').fill('2099-12-31');
  await tab.press(dialog(tab).getByRole('button', { name: 'Send' }));
  await dialog(tab)
    .getByText(/Sent. It is not approved without a file/)
    .waitFor();
  await looksRight(tab, 'sent, and a file is wanted');
  await choose(pdf('contract.pdf', '%PDF-1.7 contract'));
  await dialog(tab).waitFor({ state: 'hidden' });
  expect(await files()).toEqual(['contract.pdf']);
  await withdraw();
});

it('a refusal offers to ask for what was missing, and names nobody', async () => {
  const tab = await tabOf('sam');
  await tab.open('/people');
  await tab.click('button', /^Why: /);
  await tab.click('link', 'Ask for this');
  await dialog(tab).getByText('You ask to be let do this: see people.').waitFor();
  await looksRight(tab, 'asking from a refusal');
  await dialog(tab).getByLabel('Until').fill('2099-01-31');
  await tab.press(dialog(tab).getByRole('button', { name: 'Send' }));
  await tab.sees('Sent. You get a mail when it is decided.');
  expect((await mine())[0]).toMatchObject({ kind: 'delegation', state: 'open' });
});

it('a line manager asks for their people, longer or no longer; nobody else has a team', async () => {
  const { roles } = (await mara.call('entitlement.grantable', { organizationId: acme })).applications.find(
    ({ name }) => name === 'Parts Desk',
  )!;
  await mara.call('assignment.grant', {
    membershipIds: [samId],
    entitlementIds: [roles.find(({ name }) => name === 'Buyer')!.entitlementId],
    accessRoleIds: [],
    until: new Date(Date.now() + 5 * 86_400_000).toISOString(),
  });
  const other = await tabOf('sam');
  await other.open('/');
  await other.find('heading', /Sam Sparks/).waitFor();
  expect(await other.find('link', 'My team').count()).toBe(0);

  const nils = await tabOf('nils');
  await nils.open('/');
  await nils.click('link', 'My team');
  await nils.sees('Ends soon');
  // What Sam asked for above, after the refusal.
  await nils.sees(/1 request waits/);
  await nils.click('button', 'What they have: Sam Sparks');
  await nils.find('button', 'Ask for longer: Buyer in Parts Desk').waitFor();
  await looksRight(nils, 'my team');
  await nils.click('button', 'Ask for longer: Buyer in Parts Desk');
  await dialog(nils).getByLabel('Until (optional)').fill('2099-02-28');
  await looksRight(nils, 'asking for longer');
  await nils.press(dialog(nils).getByRole('button', { name: 'Send' }));
  await nils.sees('Sent. You get a mail when it is decided.');
  await nils.sees(/2 requests wait/);
  await nils.click('link', 'Ask for access for Sam Sparks');
  await nils.click('button', 'Ask for Reader in Field Notes');
  await dialog(nils).getByText('For Sam Sparks').waitFor();
  await looksRight(nils, 'asking for one of my people');
  await nils.press(dialog(nils).getByRole('button', { name: 'Send' }));
  await nils.sees(/You asked for Reader in Field Notes/);
  const asked = (await (await caller(stage, 'nils')).call('request.list', { box: 'mine' })).items;
  expect(asked.map(({ kind, subject }) => `${kind} ${subject.displayName}`)).toEqual([
    'access Sam Sparks',
    'extension Sam Sparks',
  ]);
});

it('asks for something else than access from one menu', async () => {
  const nils = await tabOf('nils');
  await nils.open('/ask');
  for (const [kind, label] of [
    ['A new person', 'E-mail'],
    ['A new organization', 'Below which organization'],
    ['A later last day', 'New last day'],
    ['Looking after an organization', 'As what'],
  ] as const) {
    await nils.click('button', 'Something else …');
    await nils.click('menuitem', kind);
    await dialog(nils).getByText(label).first().waitFor();
    await looksRight(nils, kind);
    await nils.page.keyboard.press('Escape');
    await dialog(nils).waitFor({ state: 'hidden' });
  }
});

it('a stranger asks to join, proves the address, and signs in once somebody said yes', async () => {
  const manager = await tabOf('mara');
  await manager.open(`/organizations/${acme}`);
  await manager.page.getByRole('switch', { name: /ask to join/ }).click();
  await manager.sees('People can ask to join now.');
  const address = await manager.page.getByLabel('Address of the page').first().inputValue();
  await looksRight(manager, 'letting strangers ask');

  const stranger = await stage.tab({ reducedMotion: 'reduce' });
  await stranger.open(address);
  await stranger.find('heading', 'Ask to join Acme Solar').waitFor();
  expect(await stranger.requiredFields()).toBe(2);
  await stranger.fill('Name', 'Wanda Willing');
  await stranger.fill('E-mail', 'wanda@elsewhere.example');
  await stranger.fill('Message (optional)', 'I fitted your roof.');
  await looksRight(stranger, 'asking to join');
  await stranger.click('button', 'Send');
  await stranger.sees('Look into your mail');
  await stranger.followMail('wanda@elsewhere.example', /Confirm your address/);
  await stranger.click('button', 'Confirm and send my request');
  await stranger.sees('We passed it on');
  await looksRight(stranger, 'passed on');

  const [asked] = (await mara.call('request.list', { box: 'inbox', kind: 'account' })).items;
  expect(asked).toMatchObject({ reason: 'I fitted your roof.' });
  await mara.call('request.decide', { requestId: asked!.requestId, approve: true });
  await stranger.followMail('wanda@elsewhere.example', /invites you/);
  await stranger.click('button', 'Continue');
  await stranger.fill(/New password|Password/, 'a kettle on the roof');
  await stranger.click('button', /^Join /);
  await stranger.find('heading', /Wanda Willing/).waitFor();
  await stranger.page.context().close();
});
