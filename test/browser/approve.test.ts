import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { demoPeople } from '../../demo/people.ts';
import type { Visitor } from '../harness/visitor.ts';
import { looksRight, settled } from './looks.ts';
import { caller, tabsOf } from './prepared.ts';
import { type Stage, startStage, type Tab } from './stage.ts';

/** Approving as people meet it: in the list, by keyboard, many at once, from a mail, and by a deputy. */
let stage: Stage;
let mara: Tab;
let sam: Visitor;
let roles: Map<string, string>;

beforeAll(async () => {
  stage = await startStage();
  mara = await tabsOf(stage)('mara');
  sam = await caller(stage, 'sam');
  const offers = (await sam.call('request.catalogue', {})).items;
  roles = new Map(offers.map(({ name, id }) => [name, id]));
  const petra = await caller(stage, 'petra');
  for (const name of ['Author', 'Reader'])
    await petra.call('entitlement.update', { entitlementId: roles.get(name)!, risk: 'low' });
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

/** Everything asked anew, so that each story starts with the same list. */
let asked: Record<'Author' | 'Reader' | 'Buyer', string>;
beforeEach(async () => {
  for (const { requestId } of (await sam.call('request.list', { box: 'mine' })).items)
    await sam.call('request.withdraw', { requestId }).catch(() => undefined);
  const ask = async (name: string) =>
    (await sam.call('request.create', { entitlementId: roles.get(name)!, reason: 'For the north.' }))
      .requestId;
  asked = { Author: await ask('Author'), Reader: await ask('Reader'), Buyer: await ask('Buyer') };
});

const inbox = (tab: Tab) => tab.page.getByRole('list', { name: 'Waiting for you' });
const card = (tab: Tab, role: string) =>
  inbox(tab).getByRole('listitem', { name: `Sam Sparks asks for ${role}` });

it('by keyboard: move, choose, open, refuse, help, and letters that stay letters in a note', async () => {
  const { page } = mara;
  await mara.open('/requests');
  await card(mara, 'Author in Field Notes').waitFor();
  await page.keyboard.press('j');
  expect(await card(mara, 'Author in Field Notes').evaluate((one) => one === document.activeElement)).toBe(
    true,
  );
  await page.keyboard.press('x');
  await mara.sees('1 selected');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('k');
  await page.keyboard.press('x');
  await page.getByText('1 selected').waitFor({ state: 'hidden' });
  await page.keyboard.press('j');
  await card(mara, 'Reader in Field Notes').getByRole('button', { name: 'Add a note' }).click();
  await card(mara, 'Reader in Field Notes').getByRole('textbox', { name: 'Note' }).fill('');
  await page.keyboard.type('jar');
  expect(await card(mara, 'Reader in Field Notes').getByRole('textbox').inputValue()).toBe('jar');
  await card(mara, 'Reader in Field Notes').focus();
  await page.keyboard.press('r');
  await card(mara, 'Reader in Field Notes').getByRole('textbox', { name: 'Note' }).press('Enter');
  await mara.sees('Refused: Reader in Field Notes for Sam Sparks.');
  await card(mara, 'Reader in Field Notes').waitFor({ state: 'hidden' });
  await page.keyboard.press('Shift+?');
  await page.getByRole('dialog', { name: 'By keyboard' }).waitFor();
  await looksRight(mara, 'the keys');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await card(mara, 'Buyer in Parts Desk').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/requests\/.+/);
});

it('many at once, of low risk; what is chosen stays chosen under another filter', async () => {
  await mara.open('/requests');
  await card(mara, 'Buyer in Parts Desk').waitFor();
  expect(await card(mara, 'Buyer in Parts Desk').getByRole('checkbox').count()).toBe(0);
  await card(mara, 'Author in Field Notes').getByRole('checkbox').check();
  await card(mara, 'Reader in Field Notes').getByRole('checkbox').check();
  await mara.press(mara.page.getByText('High risk', { exact: true }).filter({ visible: true }));
  await mara.page.waitForURL(/highRisk=true/);
  await mara.sees('Nothing waits that fits');
  await mara.sees('2 selected');
  // no longer wanted meanwhile
  await sam.call('request.withdraw', { requestId: asked.Reader });
  await mara.within(1, async () => {
    await mara.click('button', 'Approve 2');
    await mara.sees('Approved: 1 request.');
  });
  const failed = mara.page.getByRole('dialog', { name: 'Not all of it worked' });
  await failed.getByText(/decided already/).waitFor();
  await failed.getByRole('button', { name: 'Close' }).last().click();
  await mara.click('button', 'Undo');
  await mara.sees('Undone.');
  await mara.open('/requests');
  await card(mara, 'Author in Field Notes').waitFor();
});

it('from a mail, on a phone: open, sign in, 1 click; the asker sees what became of it', async () => {
  const phone = await stage.tab({
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  // where the mail leads
  await phone.open(`/requests/${asked.Author}`);
  await phone.fill('E-mail', demoPeople.mara.email);
  await phone.page.getByLabel('Password', { exact: true }).fill('look-after-your-own');
  await phone.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await phone.find('heading', 'Sam Sparks asks for Author in Field Notes').waitFor();
  expect((await sam.call('request.read', { requestId: asked.Author })).state).toBe('open');
  await settled(phone);
  await phone.fits('a request on a phone');
  await phone.within(1, async () => {
    await phone.click('button', 'Approve Author in Field Notes for Sam Sparks');
    await phone.sees('Approved: Author in Field Notes for Sam Sparks.');
  });
  await phone.sees(/Approved by Mara Moss/);
  await phone.page.context().close();
  // taken back, so that Sam can ask for it again
  await (await caller(stage, 'mara')).call('request.undo', { requestId: asked.Author });
});

it('asks back and passes on; the asker answers where the question stands', async () => {
  await mara.open(`/requests/${asked.Buyer}`);
  await mara.press(mara.page.getByText('Question', { exact: true }));
  await mara.fill('Your question', 'For how long?');
  await mara.click('button', 'Ask');
  await mara.sees('Your question was sent.');
  const asker = await tabsOf(stage)('sam');
  await asker.open('/');
  await asker.sees('You were asked something about your request');
  // whoever decides nothing finds their own, with what waits for them
  const entry = asker.find('link', 'Requests');
  expect(await entry.getAttribute('aria-describedby')).toBeTruthy();
  await asker.press(entry);
  await asker.page.getByRole('tab', { name: /^Mine/, selected: true }).waitFor();
  await asker.sees('waits for your answer');
  await looksRight(asker, 'my requests, one with a question');
  await asker.click('link', 'Answer about Buyer in Parts Desk');
  await asker.page.waitForURL(new RegExp(asked.Buyer));
  await asker.sees('“For how long?”');
  await looksRight(asker, 'a question put to the asker');
  await asker.fill('Your answer', 'Until May.');
  await asker.click('button', 'Answer');
  await asker.sees('Your answer was sent.');
  await mara.page.reload();
  await mara.sees('Until May.');
  await mara.click('button', 'Pass on');
  await mara.page.getByRole('dialog').getByRole('combobox', { name: 'Who' }).click();
  await mara.click('option', /^Nils North/);
  await looksRight(mara, 'passing on');
  await mara.press(mara.page.getByRole('dialog').getByRole('button', { name: 'Pass on' }));
  await mara.sees('Passed on to Nils North.');
});

it('names a deputy with 3 fields, who takes over what is open; both see it', async () => {
  await mara.open('/me/deputies');
  await mara.within(4, async () => {
    await mara.click('button', 'Name a deputy');
    const dialog = mara.page.getByRole('dialog');
    await dialog.waitFor();
    expect(await mara.requiredFields()).toBe(3);
    await dialog.getByRole('combobox', { name: 'Who' }).fill('Tess');
    await mara.click('option', /^Tess Two/);
    await dialog.getByLabel('To').fill('2099-12-31');
    await mara.press(dialog.getByRole('button', { name: 'Name', exact: true }));
    await mara.sees('Tess Two decides for you then.');
  });
  await looksRight(mara, 'deputies');
  const tess = await tabsOf(stage)('tess');
  await tess.open('/requests?asDeputy=true');
  await card(tess, 'Buyer in Parts Desk').getByText('as deputy for Mara Moss').waitFor();
  await tess.click('button', 'Refuse Buyer in Parts Desk for Sam Sparks');
  await tess.sees('Refused: Buyer in Parts Desk for Sam Sparks.');
  const { decisions } = await sam.call('request.read', { requestId: asked.Buyer });
  expect(decisions).toMatchObject([{ by: 'Tess Two', forWhom: 'Mara Moss', approve: false }]);
  await mara.open('/requests?box=decided');
  await mara.sees(/^Decided by Tess Two as deputy for Mara Moss,/);
  await tess.open('/me/deputies');
  await tess.click('button', 'Give back deciding for Mara Moss');
  await tess.sees('You decide for nobody else');
});
