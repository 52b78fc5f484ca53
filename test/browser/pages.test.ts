import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { router } from '../../portal/src/router.ts';
import { looksRight, settled } from './looks.ts';
import { type Prepared, prepare, tabsOf, type Who } from './prepared.ts';
import { type Stage, startStage, type Tab } from './stage.ts';

/** Every page of the portal, as somebody who may see it and as somebody who may not, in every look. */
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

type Visit = {
  as: Who;
  /** the address, where it is more than the route's path */
  at?: (there: Prepared) => string;
  sees: string | RegExp;
};
type Entry = {
  may: readonly [Visit, ...Visit[]];
  /** `stranger`: everybody signed in has this page; `nobody`: the page is open to all */
  mayNot: Visit | 'stranger' | 'nobody';
};

type Path = keyof typeof router.routesByPath;

const nowhere = '00000000-0000-7000-8000-0000000000ff';
const absent = 'Nothing to see here';
const notYours = 'This is not yours to see';

const pages: Record<Path, Entry> = {
  '/sign-in': { may: [{ as: 'stranger', sees: 'I forgot my password' }], mayNot: 'nobody' },
  '/code': {
    may: [
      { as: 'stranger', sees: 'One-time code' },
      { as: 'stranger', at: ({ acme }) => `/code?organization=${acme}`, sees: 'One-time code' },
    ],
    mayNot: 'nobody',
  },
  '/recover': { may: [{ as: 'stranger', sees: 'Send me a link' }], mayNot: 'nobody' },
  '/recovery': {
    may: [{ as: 'stranger', at: () => '/recovery#a-link', sees: 'Set my password and sign in' }],
    mayNot: { as: 'stranger', sees: 'The link is not complete' },
  },
  '/invitation': {
    may: [
      {
        as: 'stranger',
        at: ({ invitations }) => invitations.open,
        sees: 'Mara Moss invites you to join Acme Solar.',
      },
      { as: 'stranger', at: ({ invitations }) => invitations.known, sees: /You have an account already/ },
      { as: 'sam', at: ({ invitations }) => invitations.known, sees: /you are signed in as somebody else/ },
      { as: 'bea', at: ({ invitations }) => invitations.known, sees: 'Accept the invitation' },
      { as: 'stranger', at: ({ invitations }) => invitations.expired, sees: /has expired/ },
      { as: 'stranger', at: ({ invitations }) => invitations.revoked, sees: /was taken back/ },
      { as: 'stranger', at: ({ invitations }) => invitations.accepted, sees: /has been used/ },
      { as: 'stranger', at: ({ invitations }) => invitations.dead, sees: /no longer stands/ },
      { as: 'stranger', at: () => '/invitation#never-was-one', sees: 'This invitation cannot be used' },
    ],
    mayNot: { as: 'stranger', sees: 'The link is not complete' },
  },
  '/setup': {
    may: [{ as: 'stranger', at: () => '/setup#a-link', sees: 'Name of your organization' }],
    mayNot: { as: 'stranger', sees: 'The set-up link is missing' },
  },
  '/': {
    may: [
      { as: 'mara', sees: 'What needs you' },
      { as: 'sam', sees: 'Nothing waits for you' },
    ],
    mayNot: 'stranger',
  },
  '/people': {
    may: [
      { as: 'mara', sees: 'Sam Sparks' },
      {
        as: 'mara',
        at: () => '/people?q=nobody-of-this-name&field=badge&has=zz',
        sees: 'Without Badge number: zz',
      },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/people/$membershipId': {
    may: [
      { as: 'mara', at: ({ sam }) => `/people/${sam}`, sees: 'Buyer in Parts Desk' },
      { as: 'mara', at: ({ nils }) => `/people/${nils}`, sees: 'What they may do' },
      { as: 'aaron', at: ({ sam }) => `/people/${sam}`, sees: 'Buyer in Parts Desk' },
    ],
    mayNot: { as: 'bea', at: ({ sam }: Prepared) => `/people/${sam}`, sees: absent },
  },
  '/people/$membershipId/last-day': {
    may: [{ as: 'mara', at: ({ sam }) => `/people/${sam}/last-day`, sees: 'has no last day' }],
    mayNot: { as: 'bea', at: ({ sam }: Prepared) => `/people/${sam}/last-day`, sees: absent },
  },
  '/me': { may: [{ as: 'sam', sees: 'Where I am signed in' }], mayNot: 'stranger' },
  '/me/access': { may: [{ as: 'sam', sees: 'What I asked for' }], mayNot: 'stranger' },
  '/me/delegations': {
    may: [
      { as: 'mara', sees: 'invite people' },
      { as: 'sam', sees: 'You look after nothing here' },
    ],
    mayNot: 'stranger',
  },
  '/policies': {
    may: [{ as: 'mara', sees: 'No policy is in force here' }],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/policies/edit': {
    may: [{ as: 'mara', sees: 'Which requests' }],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/ask': {
    may: [
      { as: 'sam', sees: 'asked, waiting' },
      { as: 'sam', at: () => '/ask?q=nothing-of-this-name', sees: 'Nothing of this name' },
      { as: 'nils', at: ({ sam }) => `/ask?for=${sam}`, sees: 'For whom' },
      { as: 'sam', at: () => '/ask?role=Author', sees: 'Author in Field Notes was asked for already' },
      { as: 'sam', at: () => '/ask?role=never-was-one', sees: 'This cannot be asked for' },
    ],
    mayNot: 'stranger',
  },
  '/team': {
    may: [
      { as: 'nils', sees: 'Sam Sparks' },
      { as: 'sam', sees: 'Nobody reports to you' },
    ],
    mayNot: 'stranger',
  },
  '/register/$organizationId': {
    may: [
      { as: 'stranger', at: ({ acme }) => `/register/${acme}`, sees: 'Fitters only, please.' },
      { as: 'stranger', at: ({ north }) => `/register/${north}`, sees: 'Nobody can register here' },
    ],
    mayNot: 'nobody',
  },
  '/register/confirm': {
    may: [{ as: 'stranger', at: () => '/register/confirm#a-link', sees: 'Confirm and send my request' }],
    mayNot: { as: 'stranger', sees: 'The link is not complete' },
  },
  '/access': { may: [{ as: 'sam', sees: 'What I asked for' }], mayNot: 'stranger' },
  '/account': { may: [{ as: 'sam', sees: 'Where I am signed in' }], mayNot: 'stranger' },
  '/delegations': { may: [{ as: 'sam', sees: 'What I was given' }], mayNot: 'stranger' },
  '/organizations': {
    may: [
      { as: 'mara', sees: 'Acme Solar North' },
      { as: 'petra', at: () => '/organizations?search=solar', sees: 'Acme Solar North' },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/organizations/$organizationId': {
    may: (['overview', 'managers', 'hand-out', 'below', 'fields', 'keys'] as const).map((section) => ({
      as: 'petra' as const,
      at: ({ acme }: Prepared) => `/organizations/${acme}?section=${section}`,
      sees: {
        overview: 'People here and below',
        managers: /in force/,
        'hand-out': 'Applications it may hand out',
        below: 'Acme Solar South',
        fields: 'Badge number',
        keys: 'Payroll feed',
      }[section],
    })) as unknown as Entry['may'],
    mayNot: { as: 'bea', at: ({ acme }: Prepared) => `/organizations/${acme}`, sees: absent },
  },
  '/onboard': { may: [{ as: 'petra', sees: 'Manager’s e-mail' }], mayNot: { as: 'sam', sees: notYours } },
  '/take-over': { may: [{ as: 'petra', sees: /CSV/ }], mayNot: { as: 'mara', sees: notYours } },
  '/import-people': { may: [{ as: 'mara', sees: /Choose a file/ }], mayNot: { as: 'sam', sees: notYours } },
  '/invitations': {
    may: [
      { as: 'mara', sees: 'open@acme-solar.example' },
      { as: 'mara', at: () => '/invitations?state=all', sees: 'revoked@acme-solar.example' },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/invitations/new': {
    may: [
      { as: 'mara', sees: 'Send the invitation' },
      { as: 'mara', at: () => '/invitations/new?way=many', sees: 'Paste people here' },
      { as: 'mara', at: () => '/invitations/new?way=enrol', sees: 'Enrol and show the code' },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/requests': {
    may: [
      { as: 'mara', sees: 'I write the reports of the north.' },
      { as: 'mara', at: () => '/requests?box=decided', sees: 'Nothing decided yet' },
      { as: 'sam', sees: 'Withdraw' },
      { as: 'sam', at: () => '/requests?box=inbox', sees: 'No request waits for you' },
    ],
    mayNot: 'stranger',
  },
  '/requests/$requestId': {
    may: [
      { as: 'mara', at: ({ request }) => `/requests/${request}`, sees: 'Where it is' },
      { as: 'sam', at: ({ request }) => `/requests/${request}`, sees: 'Your comment' },
    ],
    mayNot: { as: 'bea', at: ({ request }: Prepared) => `/requests/${request}`, sees: absent },
  },
  '/me/deputies': { may: [{ as: 'mara', sees: 'Nobody decides for you' }], mayNot: 'stranger' },
  '/deputies': { may: [{ as: 'mara', sees: 'Nobody decides for you' }], mayNot: 'stranger' },
  '/applications': {
    may: [{ as: 'petra', sees: 'Field Notes' }],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/applications/register': {
    may: [{ as: 'petra', sees: 'Redirect addresses' }],
    mayNot: { as: 'mara', sees: notYours },
  },
  '/applications/$applicationId': {
    may: [
      { as: 'petra', at: ({ application }) => `/applications/${application}`, sees: 'Client ID' },
      { as: 'aaron', at: ({ application }) => `/applications/${application}`, sees: 'Client ID' },
    ],
    mayNot: { as: 'sam', at: ({ application }: Prepared) => `/applications/${application}`, sees: absent },
  },
  '/access-roles': {
    may: [
      { as: 'petra', sees: 'Field crew' },
      { as: 'aaron', sees: 'Field crew' },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/rules': {
    may: [{ as: 'mara', sees: 'Technicians buy parts' }],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/groups': {
    may: [{ as: 'mara', sees: 'No groups yet' }],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/separation': {
    may: [
      { as: 'petra', sees: 'Nobody has too many' },
      { as: 'aaron', sees: 'Nobody has too many' },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/map': {
    may: [
      { as: 'petra', sees: 'Mara Moss: Manager' },
      { as: 'petra', at: () => '/map?view=list', sees: 'Mara Moss: Manager' },
      { as: 'mara', at: ({ acme }) => `/map?organizationId=${acme}`, sees: 'Given for this organization' },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/delegate': {
    may: [
      { as: 'mara', sees: 'Who is it for?' },
      { as: 'petra', at: ({ acme }) => `/delegate?organizationId=${acme}`, sees: 'Choose the person first.' },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/arrangements': {
    may: [
      { as: 'petra', sees: 'Agency with brokers' },
      { as: 'petra', at: () => '/arrangements?key=franchise', sees: 'Businesses' },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/admin-roles': {
    may: [
      { as: 'petra', sees: 'Help desk' },
      { as: 'aaron', sees: 'Help desk' },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/targets': {
    may: [{ as: 'petra', sees: 'Company directory' }],
    mayNot: { as: 'sam', sees: 'Connected systems are looked after by others.' },
  },
  '/targets/$provisioningTargetId': {
    may: [{ as: 'petra', at: ({ target }) => `/targets/${target}`, sees: 'Who has an account there' }],
    mayNot: { as: 'bea', at: ({ target }: Prepared) => `/targets/${target}`, sees: absent },
  },
  '/targets/$provisioningTargetId/differences': {
    may: [{ as: 'petra', at: ({ target }) => `/targets/${target}/differences`, sees: 'Never compared yet.' }],
    mayNot: { as: 'bea', at: ({ target }: Prepared) => `/targets/${target}/differences`, sees: absent },
  },
  '/sources': {
    may: [{ as: 'mara', sees: 'Head office' }],
    mayNot: { as: 'sam', sees: 'Directories are looked after by others.' },
  },
  '/sources/$sourceId': {
    may: [{ as: 'mara', at: ({ source }) => `/sources/${source}`, sees: 'Nothing was read yet.' }],
    mayNot: { as: 'bea', at: ({ source }: Prepared) => `/sources/${source}`, sees: absent },
  },
  '/webhooks': { may: [{ as: 'mara', sees: 'Notice board' }], mayNot: { as: 'sam', sees: notYours } },
  '/webhooks/$webhookId': {
    may: [{ as: 'mara', at: ({ webhook }) => `/webhooks/${webhook}`, sees: /answer 503/ }],
    mayNot: { as: 'bea', at: ({ webhook }: Prepared) => `/webhooks/${webhook}`, sees: absent },
  },
  '/feeds/$clientId': {
    may: [{ as: 'mara', at: ({ feed }) => `/feeds/${feed}`, sees: 'Not used yet' }],
    mayNot: { as: 'bea', at: ({ feed }: Prepared) => `/feeds/${feed}`, sees: absent },
  },
  '/attention': {
    may: [
      { as: 'petra', sees: 'Manager never signed in' },
      { as: 'petra', at: () => '/attention?kind=one-manager', sees: /Acme Solar/ },
    ],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/endings': {
    may: [{ as: 'mara', at: () => '/endings?days=90', sees: 'open@acme-solar.example' }],
    mayNot: { as: 'sam', sees: notYours },
  },
  '/then': {
    may: [
      { as: 'mara', sees: 'The question' },
      { as: 'sam', sees: 'The question' },
    ],
    mayNot: 'stranger',
  },
  '/people/$membershipId/delegations': {
    may: [
      {
        as: 'mara',
        at: ({ nils }) => `/people/${nils}/delegations`,
        sees: 'Nils North: given, received, passed on',
      },
    ],
    mayNot: { as: 'bea', at: ({ nils }: Prepared) => `/people/${nils}/delegations`, sees: absent },
  },
  '/people/$membershipId/see-as': {
    may: [
      { as: 'mara', at: ({ nils }) => `/people/${nils}/see-as`, sees: 'Nils North is told that you looked.' },
    ],
    mayNot: { as: 'bea', at: ({ nils }: Prepared) => `/people/${nils}/see-as`, sees: absent },
  },
  '/me/acting-on-me': { may: [{ as: 'sam', sees: 'Mara Moss' }], mayNot: 'stranger' },
  '/delegations/$delegationId/receipt': {
    may: [{ as: 'bea', at: ({ ended }) => `/delegations/${ended}/receipt`, sees: /^Ended on / }],
    mayNot: { as: 'mara', at: ({ ended }: Prepared) => `/delegations/${ended}/receipt`, sees: absent },
  },
  '/trail': {
    may: [{ as: 'mara', sees: /Mara Moss/ }],
    mayNot: { as: 'sam', sees: notYours },
  },
};

const routes = Object.keys(router.routesByPath) as Path[];
const open: Path[] = routes.filter((path) => router.routesByPath[path].id.startsWith('/public'));

async function visit(path: Path, { as, at, sees }: Visit): Promise<void> {
  const tab = await tabOf(as);
  const address = at ? at(prepared) : path;
  // a change behind # alone would not load the page again
  if (address.includes('#')) await tab.page.goto('about:blank');
  await tab.open(address);
  await tab.sees(sees);
  const heading = tab.page.locator('h1');
  await settled(tab);
  expect(await heading.count(), 'one heading says where one is').toBe(1);
  expect(await tab.page.title()).toBe(`${await heading.textContent()} · Remit`);
  await looksRight(tab, `${address.split('#')[0]} as ${as}`);
}

it('every route has its entry here', () => {
  expect(Object.keys(pages).sort()).toEqual([...routes].sort());
});

describe.each(routes)('%s', (path) => {
  const { may, mayNot } = pages[path];
  it.each(may.map((one) => [`${one.as} ${one.sees}`, one] as const))('is right for %s', (_, one) =>
    visit(path, one),
  );
  if (typeof mayNot === 'object') it(`says so to ${mayNot.as}, who may not`, () => visit(path, mayNot));
});

it('the demo’s applications are right before and after signing on', async () => {
  const tab = await tabOf('sam');
  const parts = Object.values(stage.running.demoUrls)[0]!;
  await tab.open(parts);
  await tab.sees('Sign in with Remit');
  await looksRight(tab, 'an application before signing on');
  await tab.click('link', 'Sign in with Remit');
  await tab.sees('Acme Solar North');
  await looksRight(tab, 'an application after signing on');
});

it('an address that leads nowhere says so', async () => {
  const tab = await tabOf('sam');
  await tab.open('/nowhere');
  await tab.sees('There is no page at this address');
  await looksRight(tab, 'nowhere');
});

it('strangers sign in first and come back to where they wanted to go', async () => {
  const tab = await tabOf('stranger');
  for (const path of routes.filter((one) => !open.includes(one))) {
    const address = path.replace(/\$\w+/, nowhere);
    await tab.open(address);
    await tab.find('heading', 'Sign in').waitFor();
    const { pathname, searchParams } = new URL(tab.page.url());
    expect(pathname).toBe('/sign-in');
    // pages that only lead on to another have led on before
    if (!['/', '/access', '/account', '/delegations'].includes(path))
      expect(searchParams.get('next')).toBe(address);
  }
});
