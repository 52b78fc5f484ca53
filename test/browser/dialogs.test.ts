import { afterAll, beforeAll, expect, it } from 'vitest';
import { looksRight, settled } from './looks.ts';
import { type Prepared, prepare, tabsOf, type Who } from './prepared.ts';
import { type Stage, startStage, type Tab } from './stage.ts';

/** What opens on top of a page or within it, in every look. */
let stage: Stage;
let prepared: Prepared;
let tabOf: (who: Who) => Promise<Tab>;

beforeAll(async () => {
  stage = await startStage();
  tabOf = tabsOf(stage);
  prepared = await prepare(stage);
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

type Opening = {
  as: Who;
  at: (there: Prepared) => string;
  /** opens it, and waits until it can be seen */
  open: (tab: Tab) => Promise<void>;
};

/** Presses a button that opens a dialog, and waits until it has said who gains and loses what. */
const previewing =
  (button: string | RegExp, sees: string | RegExp) =>
  async (tab: Tab): Promise<void> => {
    await tab.click('button', button);
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByText('What changes, before it is saved').waitFor();
    await dialog.getByText(sees).first().waitFor();
  };

/** Presses a button that opens a dialog, and waits for what the dialog asks. */
const pressing =
  (button: string | RegExp, sees: string | RegExp) =>
  async (tab: Tab): Promise<void> => {
    await tab.click('button', button);
    await tab.page.getByRole('dialog').getByText(sees).first().waitFor();
  };
const unfolding = (fold: string, sees: string) => async (tab: Tab) => {
  await tab.click('button', fold);
  await tab.sees(sees);
};
const sam = ({ sam: id }: Prepared): string => `/people/${id}`;
const nils = ({ nils: id }: Prepared): string => `/people/${id}`;
const acme =
  (section?: string) =>
  ({ acme: id }: Prepared): string =>
    `/organizations/${id}${section ? `?section=${section}` : ''}`;
const at = (path: string) => () => path;

const openings: Record<string, Opening> = {
  'give access to one': { as: 'mara', at: sam, open: pressing('Give access', 'Until (optional)') },
  'give access to many, with the bar of the chosen': {
    as: 'mara',
    at: at('/people'),
    open: async (tab) => {
      await tab.press(tab.page.getByRole('checkbox', { name: 'Select all on this page' }));
      await pressing('Give access', 'Until (optional)')(tab);
    },
  },
  'chosen people': {
    as: 'mara',
    at: at('/people'),
    open: (tab) => tab.press(tab.page.getByRole('checkbox', { name: 'Select Sam Sparks' })),
  },
  'a webhook for a chat, in words of one’s own': {
    as: 'mara',
    at: at('/webhooks'),
    open: async (tab) => {
      await pressing('Make a webhook', 'Who is told')(tab);
      await tab.press(tab.page.getByRole('radio', { name: 'Slack' }));
      await unfolding('Your own words', 'You can use {{person}}')(tab);
    },
  },
  'a new secret': {
    as: 'mara',
    at: ({ webhook }) => `/webhooks/${webhook}`,
    open: pressing('New secret', 'The old one ends at once'),
  },
  'views of a list': { as: 'mara', at: at('/people'), open: (tab) => tab.click('button', 'Views') },
  'columns of a list': { as: 'mara', at: at('/people'), open: (tab) => tab.click('button', 'Columns') },
  'why somebody has an access': {
    as: 'mara',
    at: sam,
    open: async (tab) => {
      await tab.click('button', 'Why: Buyer in Parts Desk');
      await tab.page
        .getByRole('dialog')
        .getByText(/Mara Moss/)
        .first()
        .waitFor();
    },
  },
  'somebody leaves': {
    as: 'mara',
    at: nils,
    open: pressing('Record leaving', 'What happens when Nils North'),
  },
  'somebody who made a key leaves': {
    as: 'petra',
    at: ({ mara }) => `/people/${mara}`,
    open: async (tab) => {
      await tab.click('button', 'Record leaving');
      const dialog = tab.page.getByRole('dialog');
      await dialog.getByText('which they made, goes on working').first().waitFor();
      await dialog.getByRole('checkbox', { name: /^End the .*API keys? they made, too/ }).check();
      await dialog
        .getByText('The API key Payroll feed (Acme Solar), which they made', { exact: true })
        .waitFor();
    },
  },
  'suspend somebody': { as: 'mara', at: nils, open: previewing('Suspend', '1 person loses') },
  'another line manager': {
    as: 'mara',
    at: sam,
    open: async (tab) => {
      await tab.press(tab.find('button', 'Edit'));
      await tab.page.getByRole('combobox', { name: 'Line manager' }).fill('Nils');
      await tab.click('option', /^Nils North/);
      const save = tab.find('button', 'Save');
      await expect.poll(() => save.getAttribute('aria-disabled'), { timeout: 20_000 }).toBeNull();
    },
  },
  'why a button is off': {
    as: 'aaron',
    at: sam,
    open: async (tab) => {
      await tab.click('button', 'Why: Give access');
      const answer = tab.page.getByRole('dialog');
      await answer.getByText(/You may not give access here/).waitFor();
      await answer.getByRole('button', { name: 'Copy a message to them' }).waitFor();
    },
  },
  'why one sees somebody': {
    as: 'mara',
    at: sam,
    open: async (tab) => {
      await tab.click('button', 'Why: I see Sam Sparks');
      await tab.page
        .getByRole('dialog')
        .getByText(/You may see people here: given by/)
        .waitFor();
    },
  },
  'a recovery link': { as: 'mara', at: sam, open: pressing('Send a recovery link', /goes to sam@/) },
  'a sign-in code': { as: 'mara', at: sam, open: pressing('Print a sign-in code', /one-time code/) },
  ask: { as: 'sam', at: at('/ask'), open: pressing('Ask for Reader in Field Notes', 'Why do you need it?') },
  'ask, by a link': {
    as: 'sam',
    at: at('/ask?application=Parts Desk&role=Approver'),
    open: async (tab) => {
      await tab.page.getByRole('dialog').getByText('Why do you need it?').waitFor();
    },
  },
  'a note with a decision': {
    as: 'mara',
    at: at('/requests'),
    open: unfolding('Add a note', 'will read it'),
  },
  'make an organization': {
    as: 'mara',
    at: at('/organizations'),
    open: pressing('Make an organization below', 'Below which organization'),
  },
  'appoint a manager': {
    as: 'mara',
    at: acme('managers'),
    open: async (tab) => {
      await tab.click('button', 'Appoint a manager');
      await tab.page.getByRole('dialog').getByRole('combobox', { name: 'Who' }).fill('Tess');
      await tab.click('option', /^Tess Two/);
      await tab.sees(/Tess Two may act as manager/);
      await tab.sees('1 person gains');
      await tab.click('button', 'What they may do, and until when');
      await tab.sees('May they appoint managers themselves?');
    },
  },
  'whom to appoint': {
    as: 'mara',
    at: acme('managers'),
    open: async (tab) => {
      await tab.click('button', 'Appoint a manager');
      await tab.page
        .getByRole('dialog')
        .getByRole('combobox', { name: 'Who' })
        .fill('new@acme-solar.example');
      await tab.find('option', 'Invite new@acme-solar.example').waitFor();
    },
  },
  'end a manager': {
    as: 'petra',
    at: acme('managers'),
    open: pressing('End Mara Moss', /Endings are final/),
  },
  'pause what an organization hands out': {
    as: 'petra',
    at: acme('hand-out'),
    open: previewing('Pause Acme Solar', /people lose$/),
  },
  'decide what an organization hands out': {
    as: 'petra',
    at: ({ north }) => `/organizations/${north}?section=hand-out`,
    open: async (tab) => {
      await tab.click('button', 'Decide what it may hand out');
      await tab.sees('What changes, before it is saved');
      await tab.sees(/(person loses|people lose|Nobody gains or loses)/);
    },
  },
  'pause a manager': {
    as: 'petra',
    at: acme('managers'),
    open: pressing('Pause Mara Moss', /can do nothing here/),
  },
  'less to hand out': {
    as: 'petra',
    at: acme('hand-out'),
    open: async (tab) => {
      await tab.page.getByRole('checkbox', { name: 'Field Notes' }).uncheck();
      await pressing('Take away what is unticked', /nobody there can give it/)(tab);
      await tab.sees('What changes, before it is saved');
    },
  },
  'make an organization part of another': {
    as: 'olga',
    at: ({ bright }) => `/map?view=list&organizationId=${bright}`,
    open: async (tab) => {
      await tab.click('button', 'Make part of another');
      const dialog = tab.page.getByRole('dialog');
      await dialog.getByRole('combobox', { name: 'Part of which organization' }).fill('Acme Solar South');
      await tab.click('option', 'Acme Solar South');
      await dialog.getByText('What changes, before it is saved').waitFor();
      await dialog.getByText(/(people lose|person loses)$/).waitFor();
    },
  },
  'save a tree': { as: 'petra', at: acme(), open: pressing('Save as files', 'organizations.csv') },
  'a field': { as: 'mara', at: acme('fields'), open: pressing('Add a field', 'Kind') },
  'another key for a program': {
    as: 'petra',
    at: acme('keys'),
    open: async (tab) => {
      await tab.click('button', 'A new key for Payroll feed');
      await tab.sees('The key of now stops at once');
      await tab.click('button', 'Make a new key');
      await tab.sees('Shown this once');
    },
  },
  'an API key': { as: 'petra', at: acme('keys'), open: pressing('Make an API key', 'What it may do') },
  'details of an organization': { as: 'mara', at: acme(), open: unfolding('Edit details', 'Time zone') },
  'suspend an organization': { as: 'petra', at: acme(), open: previewing('Suspend', /people lose$/) },
  'close an organization': { as: 'petra', at: acme(), open: previewing('Close for good', /people lose$/) },
  'retire an application': {
    as: 'petra',
    at: ({ application }) => `/applications/${application}`,
    open: previewing('Retire application', /people lose$/),
  },
  'retire a role': {
    as: 'petra',
    at: ({ application }) => `/applications/${application}`,
    open: previewing('Retire the role Buyer', /person loses$/),
  },
  'all of onboarding': {
    as: 'petra',
    at: at('/onboard'),
    open: unfolding('Applications, place, domains, last day, message', 'Mail domains'),
  },
  'all of inviting': {
    as: 'mara',
    at: at('/invitations/new'),
    open: unfolding('What comes with it: access, title, dates', 'A word in the mail'),
  },
  'pasted people': {
    as: 'mara',
    at: at('/invitations/new?way=many'),
    open: async (tab) => {
      await tab.fill(
        'Paste people here',
        'Ann <ann@acme-solar.example>\nann@acme-solar.example\ntess@acme-solar.example\nopen@acme-solar.example\nwho is this',
      );
      for (const verdict of ['will invite', 'twice', 'already here', 'invited already', 'not an address'])
        await tab.sees(verdict);
    },
  },
  'a code sheet': {
    as: 'mara',
    at: at('/invitations/new?way=enrol'),
    open: async (tab) => {
      await tab.fill('Full name', 'Paper Pete');
      await tab.fill('User name', 'pete');
      await tab.click('button', 'Enrol and show the code');
      await tab.sees('One-time code');
    },
  },
  'another address': {
    as: 'mara',
    at: at('/invitations'),
    open: pressing('Change address of the invitation to open@acme-solar.example', 'New e-mail'),
  },
  'take an invitation back': {
    as: 'mara',
    at: at('/invitations'),
    open: pressing('Take back the invitation to open@acme-solar.example', /stops working/),
  },
  'an access role': {
    as: 'petra',
    at: at('/access-roles'),
    open: pressing('Make an access role', 'Description'),
  },
  'change an access role': {
    as: 'petra',
    at: at('/access-roles'),
    open: pressing('Edit Field crew', 'Description'),
  },
  'retire an access role': {
    as: 'petra',
    at: at('/access-roles'),
    open: pressing('Retire Field crew', /no longer be given/),
  },
  'all of an application': {
    as: 'petra',
    at: at('/applications/register'),
    open: unfolding('Key, organization, secret', 'It runs on a server and keeps a secret'),
  },
  'details of an application': {
    as: 'petra',
    at: ({ application }) => `/applications/${application}`,
    open: unfolding('Edit application', 'Addresses after signing out'),
  },
  'files that cannot be taken over': {
    as: 'petra',
    at: at('/take-over'),
    open: async (tab) => {
      await tab.page.locator('input[type=file]').setInputFiles([
        {
          name: 'organizations.csv',
          mimeType: 'text/csv',
          buffer: Buffer.from('id,parentId,name\na,b,A\n'),
        },
      ]);
      await tab.click('button', 'See what would happen');
      await tab.sees(/line 2|Line 2|2/);
    },
  },
  'one event of the trail': {
    as: 'mara',
    at: at('/trail'),
    open: async (tab) => {
      await tab.page.getByRole('row').getByRole('button').first().click();
      await tab.page.getByRole('dialog').getByText('Under which').first().waitFor();
    },
  },
  palette: {
    as: 'petra',
    at: at('/'),
    open: async (tab) => {
      await tab.page.keyboard.press('Control+k');
      await tab.page.getByPlaceholder('Go to a page, person or organization').fill('sam');
      await tab.page.getByRole('dialog').getByText('Sam Sparks').waitFor();
    },
  },
  'account menu': { as: 'petra', at: at('/'), open: (tab) => tab.click('button', /Account of/) },
  'switch of organization': { as: 'tess', at: at('/'), open: (tab) => tab.click('button', /You act for/) },
};

it.each(Object.entries(openings))('%s', async (name, { as, at: address, open }) => {
  const tab = await tabOf(as);
  await tab.open(address(prepared));
  await tab.page.locator('h1').waitFor();
  await settled(tab);
  await open(tab);
  await looksRight(tab, name);
});

it('the menu on a phone', async () => {
  const tab = await tabOf('petra');
  await tab.page.setViewportSize({ width: 360, height: 740 });
  await tab.open('/');
  const menu = tab.find('button', 'Menu');
  await menu.click();
  await tab.find('link', 'Organizations').waitFor();
  await settled(tab);
  await tab.isAccessible('the menu on a phone');
  await tab.fits('the menu on a phone');
  await tab.click('link', 'Organizations');
  await tab.find('heading', 'Organizations').waitFor();
  expect(await menu.getAttribute('aria-expanded')).toBe('false');
});
