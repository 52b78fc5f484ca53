import { core, get, groupCore, type HttpCase, patch, post, put } from '../cases/http-case.ts';

/**
 * What Okta sends, by developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20 ("Okta and SCIM Version 2.0"), with ids
 * and names of ours in the place of theirs. That the page is there and describes this order was looked up on 22 November
 * 2026; the payloads follow its examples in form.
 */
const section = 'Okta: okta-scim/guides/scim-20';
const on = (
  quote: string,
  request: HttpCase['request'],
  expect: HttpCase['expect'],
  given?: HttpCase['given'],
): HttpCase => ({ section, quote, given, request, expect });

const one = { users: [{ name: { givenName: 'Test', familyName: 'User' } }] };
const both = { users: [{}, {}], groups: [{}] };
const full = {
  ...both,
  after: [patch('/Groups/{g0}', [{ op: 'add', path: 'members', value: [{ value: '{0}' }] }])],
};

export const okta: HttpCase[] = [
  on(
    'Determine if the User object exists',
    get('/Users?filter=userName%20eq%20%22test.user%40{tag}.local%22&startIndex=1&count=100'),
    { status: 200, body: { totalResults: 0, startIndex: 1 } },
  ),
  on(
    'Create the User',
    post('/Users', {
      schemas: [core],
      userName: 'test.user@{tag}.local',
      name: { givenName: 'Test', familyName: 'User' },
      emails: [{ primary: true, value: 'test.user@{tag}.local', type: 'work' }],
      displayName: 'Test User',
      locale: 'en-US',
      externalId: '00ujl29{tag}',
      groups: [],
      password: '1mz050nq',
      active: true,
    }),
    {
      status: 201,
      body: { userName: 'test.user@{tag}.local', active: true, externalId: '00ujl29{tag}' },
      without: ['password'],
    },
  ),
  on(
    'Create the User that is there already',
    post('/Users', { schemas: [core], userName: '{0.userName}', active: true }),
    { status: 409 },
    one,
  ),
  on('Retrieve Users', get('/Users?startIndex=1&count=100'), { status: 200, body: { startIndex: 1 } }),
  on('Retrieve a specific User', get('/Users/{0}'), { status: 200, body: { id: '{0}', active: true } }, one),
  on(
    'Update a specific User (PUT)',
    put('/Users/{0}', {
      schemas: [core],
      id: '{0}',
      userName: '{0.userName}',
      name: { givenName: 'Another', middleName: 'Excited', familyName: 'User' },
      emails: [{ primary: true, value: '{tag}@okta.local', type: 'work', display: '{tag}@okta.local' }],
      active: true,
      groups: [],
      meta: { resourceType: 'User' },
    }),
    { status: 200, body: { name: { givenName: 'Another', familyName: 'User' } } },
    one,
  ),
  on(
    'Update a specific User (PATCH): activate',
    patch('/Users/{0}', [{ op: 'replace', value: { active: true } }]),
    { status: 200, body: { active: true } },
    { ...one, after: [patch('/Users/{0}', [{ op: 'replace', value: { active: false } }])] },
  ),
  on(
    'Delete Users: deactivate',
    patch('/Users/{0}', [{ op: 'replace', value: { active: false } }]),
    { status: 200, body: { active: false } },
    one,
  ),
  on(
    'Create Groups',
    post('/Groups', { schemas: [groupCore], displayName: 'Test SCIMv2 {tag}', members: [] }),
    { status: 201, body: { displayName: 'Test SCIMv2 {tag}' } },
  ),
  on('Retrieve Groups', get('/Groups?startIndex=1&count=100'), { status: 200, body: { startIndex: 1 } }),
  on('Retrieve specific Groups', get('/Groups/{g0}'), { status: 200, body: { id: '{g0}' } }, both),
  on(
    'Update a specific Group name',
    patch('/Groups/{g0}', [{ op: 'replace', value: { id: '{g0}', displayName: 'Test SCIMv2 {tag}' } }]),
    { status: 200, body: { displayName: 'Test SCIMv2 {tag}' } },
    both,
  ),
  on(
    'Update specific Group membership',
    patch('/Groups/{g0}', [
      { op: 'remove', path: 'members[value eq "{0}"]' },
      { op: 'add', path: 'members', value: [{ value: '{1}', display: 'test.user@okta.local' }] },
    ]),
    { status: 200, body: { members: [{ value: '{1}' }] } },
    full,
  ),
  on(
    'Update specific Group membership: all of it',
    patch('/Groups/{g0}', [{ op: 'replace', path: 'members', value: [{ value: '{1}' }] }]),
    { status: 200, body: { members: [{ value: '{1}' }] } },
    full,
  ),
];
