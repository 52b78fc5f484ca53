import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settled } from './looks.ts';
import { caller, tabsOf, type Who } from './prepared.ts';
import { type Stage, startStage, type Tab } from './stage.ts';

/** The budgets of clicks and required fields, and the habits that every list and page keeps. */
let stage: Stage;
let tabOf: (who: Who) => Promise<Tab>;
let mara: Tab;
let sam: Tab;
let acme: string;

beforeAll(async () => {
  stage = await startStage();
  tabOf = tabsOf(stage);
  const api = await caller(stage, 'mara');
  acme = (await api.call('organization.list', {})).items[0]!.id;
  // More people than a page has.
  for (let n = 10; n < 70; n += 1)
    await api.call('user.enrol', {
      organizationId: acme,
      displayName: `Person ${n}`,
      userName: `person${n}`,
    });
  mara = await tabOf('mara');
  sam = await tabOf('sam');
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

const row = (tab: Tab, text: string) => tab.page.getByRole('row').filter({ hasText: text });
const dialog = (tab: Tab) => tab.page.getByRole('dialog');

async function openPerson(tab: Tab, name: string): Promise<void> {
  await tab.open(`/people?q=${encodeURIComponent(name)}`);
  await tab.page.getByRole('table').getByRole('link', { name }).click();
  await tab.find('heading', name).waitFor();
}

describe('clicks and required fields', () => {
  beforeEach(() => mara.open('/'));

  it('onboard a partner with its first manager: one screen, 3 required fields, 4 clicks', async () => {
    const petra = await tabOf('petra');
    await petra.open('/');
    await petra.within(4, async () => {
      await petra.click('link', 'Organizations');
      await petra.click('link', 'Onboard a partner');
      await petra.find('heading', 'Onboard a partner').waitFor();
      expect(await petra.requiredFields()).toBe(3);
      await petra.fill('Organization', 'Delta Roofs');
      await petra.fill('Manager’s name', 'Dora Delta');
      await petra.fill('Manager’s e-mail', 'dora@delta.example');
      await petra.click('button', 'Onboard');
      await petra.find('heading', 'Delta Roofs is set up').waitFor();
    });
  });

  it('appoint another manager: 3 clicks from the organization, and a sentence before saving', async () => {
    await mara.open(`/organizations/${acme}`);
    await mara.within(3, async () => {
      await mara.click('button', 'Appoint a manager');
      await dialog(mara).getByRole('combobox', { name: 'Who' }).fill('Tess');
      await mara.click('option', /^Tess Two/);
      await mara.sees(/Tess Two may act as manager/);
      expect(await mara.requiredFields()).toBe(1);
      await mara.press(dialog(mara).getByRole('button', { name: 'Appoint', exact: true }));
      await dialog(mara).waitFor({ state: 'hidden' });
    });
    await mara.open(`/organizations/${acme}?section=managers`);
    await mara.sees(/Tess Two/);
  });

  it('invite one: 3 clicks, 1 required field', async () => {
    await mara.within(3, async () => {
      await mara.click('link', 'Invitations');
      await mara.click('link', 'Invite people');
      await mara.find('textbox', 'E-mail').waitFor();
      expect(await mara.requiredFields()).toBe(1);
      await mara.fill('E-mail', 'one@acme-solar.example');
      await mara.click('button', 'Send the invitation');
      await mara.sees('Invitation sent to one@acme-solar.example.');
    });
  });

  it('invite fifty: 4 clicks, a verdict for each line, and the bad ones stay in the box', async () => {
    const good = Array.from({ length: 50 }, (_, n) => `Number ${n} <number${n}@acme-solar.example>`);
    const bad = ['no address here', 'tess@acme-solar.example'];
    await mara.within(4, async () => {
      await mara.click('link', 'Invitations');
      await mara.click('link', 'Invite people');
      await mara.press(mara.page.getByText('Many at once'));
      await mara.find('textbox', 'Paste people here').waitFor();
      expect(await mara.requiredFields()).toBe(0);
      await mara.fill('Paste people here', [...good, good[0], ...bad].join('\n'));
      const verdicts = mara.page.getByRole('list', { name: 'What happens to each line' });
      await verdicts.getByText('not an address').waitFor();
      await verdicts.getByText('already here').waitFor();
      await verdicts.getByText('twice').waitFor();
      expect(await verdicts.getByText('will invite').count()).toBe(50);
      await mara.click('button', 'Send 50 invitations');
      await mara.sees(/50 invitations sent/);
    });
    const left = await mara.find('textbox', 'Paste people here').inputValue();
    expect(left.split('\n').sort()).toEqual([good[0], ...bad].sort());
  });

  it('give access: 3 clicks from a person; take it away: 2 clicks, and undo', async () => {
    await openPerson(mara, 'Person 10');
    await mara.within(3, async () => {
      await mara.click('button', 'Give access');
      await mara.press(dialog(mara).getByRole('checkbox', { name: /^Buyer/ }));
      await mara.press(dialog(mara).getByRole('button', { name: 'Give', exact: true }));
      await mara.sees('Person 10 gets the access.');
    });
    const access = mara.page.getByRole('list', { name: 'Access' });
    await access.getByText('Buyer in Parts Desk').waitFor();
    await mara.within(2, async () => {
      await mara.click('button', 'Take away Buyer in Parts Desk');
      await mara.sees('Buyer in Parts Desk taken from Person 10.');
    });
    await access.getByText('Buyer in Parts Desk').waitFor({ state: 'hidden' });
    await mara.press(
      mara.page
        .getByRole('alert')
        .filter({ hasText: 'taken from Person 10' })
        .getByRole('button', { name: 'Undo' }),
    );
    await mara.sees('Undone.');
    await access.getByText('Buyer in Parts Desk').waitFor();
  });

  it('give access to many, chosen on several pages: 5 clicks', async () => {
    await mara.open('/people');
    await row(mara, 'Person 10').waitFor();
    await mara.within(5, async () => {
      await mara.press(mara.page.getByRole('checkbox', { name: 'Select Person 11' }));
      // the next page is no click of the budget's: it is where the person happens to stand
      await mara.page.getByRole('button', { name: 'Next page' }).click();
      await row(mara, 'Person 69').waitFor();
      await mara.press(mara.page.getByRole('checkbox', { name: 'Select Person 69' }));
      await mara.sees('2 selected');
      await mara.click('button', 'Give access');
      await mara.press(dialog(mara).getByRole('checkbox', { name: /^Buyer/ }));
      await mara.press(dialog(mara).getByRole('button', { name: 'Give', exact: true }));
      await mara.sees('2 people get the access.');
    });
    await openPerson(mara, 'Person 11');
    await mara.sees('Buyer in Parts Desk');
  });

  it('ask: 3 clicks, nothing required; a link fills it in', async () => {
    await sam.open('/');
    await sam.within(3, async () => {
      await sam.click('link', 'Ask for access');
      await sam.click('button', 'Ask for Reader in Field Notes');
      await dialog(sam).waitFor();
      expect(await sam.requiredFields()).toBe(0);
      await sam.press(dialog(sam).getByRole('button', { name: 'Send' }));
      await sam.sees(/You asked for Reader in Field Notes/);
    });
    for (const role of ['Author', 'Approver']) {
      await sam.open(`/ask?role=${role}`);
      await sam.within(1, async () => {
        await dialog(sam).getByText(`Ask for ${role} in`).waitFor();
        await sam.press(dialog(sam).getByRole('button', { name: 'Send' }));
        await sam.sees(`You asked for ${role} in`);
      });
    }
  });

  it('approve: 1 click in the list, and undo', async () => {
    await mara.open('/requests');
    const inbox = mara.page.getByRole('list', { name: 'Waiting for you' });
    const asked = inbox.getByRole('listitem', { name: 'Sam Sparks asks for Author in Field Notes' });
    await asked.waitFor();
    await mara.within(1, async () => {
      await mara.click('button', 'Approve Author in Field Notes for Sam Sparks');
      await mara.sees('Approved: Author in Field Notes for Sam Sparks.');
    });
    await asked.waitFor({ state: 'hidden' });
    await mara.click('button', 'Undo');
    await mara.sees('Undone.');
    await asked.waitFor();
  });

  it('somebody leaves: 3 clicks, with a preview of all that ends', async () => {
    await mara.open('/people');
    await mara.within(3, async () => {
      await mara.press(mara.page.getByRole('table').getByRole('link', { name: 'Person 11' }));
      await mara.click('button', 'Record leaving');
      const preview = dialog(mara);
      await preview.getByText('What happens when Person 11 leaves').waitFor();
      await preview.getByText('Buyer in Parts Desk', { exact: true }).waitFor();
      await preview.getByText('Their place in Acme Solar, and every access through it').waitFor();
      await mara.press(preview.getByRole('button', { name: 'End it now' }));
      await mara.sees('Person 11 has left.');
    });
  });
});

describe('lists', () => {
  it('keep search, filter, sort and page in the address', async () => {
    await mara.open('/people');
    await mara.fill('Search', 'Person');
    await mara.page.waitForURL(/q=Person/);
    await mara.press(mara.page.getByRole('columnheader', { name: 'Name' }).getByRole('button'));
    await mara.page.waitForURL(/sort=-name/);
    await row(mara, 'Person 69').waitFor();
    await mara.click('combobox', 'State');
    await mara.click('option', 'no sign-in yet');
    await mara.page.waitForURL(/status=no-sign-in/);
    await mara.click('button', 'Next page');
    await mara.page.waitForURL(/after=/);
    await row(mara, 'Person 10').waitFor();
    const shown = await mara.page.getByRole('table').innerText();
    await mara.page.reload();
    await row(mara, 'Person 10').waitFor();
    expect(await mara.page.getByRole('table').innerText()).toBe(shown);
    expect(await mara.page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe(
      'descending',
    );
    expect(await mara.find('searchbox', 'Search').inputValue()).toBe('Person');
    await mara.page.goBack();
    await row(mara, 'Person 69').waitFor();
  });
});

describe('the keyboard', () => {
  it('goes through requests, approves and refuses', async () => {
    await mara.open('/requests');
    const inbox = mara.page.getByRole('list', { name: 'Waiting for you' });
    const asked = (what: string) => inbox.getByRole('listitem', { name: `Sam Sparks asks for ${what}` });
    await asked('Reader in Field Notes').waitFor();
    const cards = await inbox.locator(':scope > li').count();
    expect(cards).toBe(3);
    const focused = () => mara.page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    const names = await inbox
      .locator(':scope > li')
      .evaluateAll((all) => all.map((card) => card.getAttribute('aria-label')));
    await mara.page.keyboard.press('j');
    expect(await focused()).toBe(names[0]);
    await mara.page.keyboard.press('j');
    expect(await focused()).toBe(names[1]);
    await mara.page.keyboard.press('k');
    expect(await focused()).toBe(names[0]);
    await mara.page.keyboard.press('a');
    await mara.sees(/^Approved:/);
    await expect.poll(() => inbox.locator(':scope > li').count()).toBe(2);
    await expect.poll(focused).toBe(names[1]);
    await mara.page.keyboard.press('r');
    await mara.page.keyboard.press('Enter');
    await mara.sees(/^Refused:/);
    await expect.poll(() => inbox.locator(':scope > li').count()).toBe(1);
  });

  it('goes anywhere by the palette, and to the search box of a page by the slash', async () => {
    await mara.open('/');
    await mara.find('heading', /^Hello/).waitFor();
    await mara.page.keyboard.press('Control+k');
    const box = mara.page.getByPlaceholder('Go to a page, person or organization');
    await box.fill('Sam');
    await dialog(mara).getByText('Sam Sparks').waitFor();
    await mara.page.keyboard.press('Enter');
    await mara.find('heading', 'Sam Sparks').waitFor();
    await mara.page.keyboard.press('/');
    await box.waitFor();
    await mara.page.keyboard.press('Escape');
    await box.waitFor({ state: 'hidden' });
    await mara.open('/people');
    await row(mara, 'Person 10').waitFor();
    await mara.page.keyboard.press('/');
    expect(await mara.find('searchbox', 'Search').evaluate((one) => one === document.activeElement)).toBe(
      true,
    );
  });
});

describe('Why?', () => {
  it('stands on every access, and names who gave it', async () => {
    await openPerson(mara, 'Person 69');
    await mara.click('button', 'Why: Buyer in Parts Desk');
    await dialog(mara)
      .getByText(/Mara Moss/)
      .first()
      .waitFor();
    await mara.page.keyboard.press('Escape');
    await sam.open('/me/access');
    await sam.click('button', /^Why: Viewer/);
    await dialog(sam)
      .getByText(/as everybody at a level above has it/)
      .first()
      .waitFor();
  });

  it('stands on a refusal, and says who could help', async () => {
    await sam.open('/people');
    await sam.sees('This is not yours to see');
    await sam.click('button', 'Why: This is not yours to see');
    await dialog(sam)
      .getByText(/see people/)
      .first()
      .waitFor();
  });

  it.each([
    ['aaron', '/organizations/ACME'],
    ['aaron', '/organizations/ACME?section=managers'],
    ['aaron', '/access-roles'],
    ['mara', '/invitations/new?way=many'],
    ['mara', '/me/delegations'],
    ['mara', '/organizations'],
  ] as const)('answers %s at each control that is off, at %s', async (who, at) => {
    const tab = await tabOf(who);
    await tab.open(at.replace('ACME', acme));
    await tab.page.locator('h1').waitFor();
    await settled(tab);
    const silent = await tab.page.evaluate((): string[] => {
      const saysWhy = (one: Element): boolean =>
        (one.getAttribute('aria-describedby') ?? '')
          .split(' ')
          .some((id: string) => Boolean(document.getElementById(id)?.textContent));
      return Array.from(document.querySelectorAll('[aria-disabled=true], :disabled'))
        .filter((one) => one.checkVisibility() && !one.hasAttribute('data-loading') && !saysWhy(one))
        .map((one) => one.outerHTML.slice(0, 200));
    });
    expect(silent).toEqual([]);
  });
});

it('no browser had anything to complain about', async () => {
  for (const who of ['mara', 'sam', 'petra', 'aaron'] as const)
    expect((await tabOf(who)).complaints, who).toEqual([]);
});
