import { core, get, groupCore, type HttpCase, patch, post, remove } from '../cases/http-case.ts';

/**
 * What Microsoft Entra sends, payloads as its pages show them, with ids and names of ours in the place of theirs. Read on
 * 22 November 2026 in public copies of
 *   learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups ("Design")
 *   learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility ("Flags")
 */
const design = 'Entra: use-scim-to-provision-users-and-groups';
const flags = 'Entra: application-provisioning-config-problem-scim-compatibility';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const on =
  (section: string) =>
  (
    quote: string,
    request: HttpCase['request'],
    expect: HttpCase['expect'],
    given?: HttpCase['given'],
  ): HttpCase => ({ section, quote, given, request, expect });
const designed = on(design);
const flagged = on(flags);

const person = {
  name: { givenName: 'givenName', familyName: 'familyName' },
  emails: [{ primary: true, type: 'work', value: '{tag}@testuser.com' }],
};
const one = { users: [person] };
const both = { users: [{}, {}], groups: [{}] };
const full = {
  ...both,
  after: [
    patch('/Groups/{g0}', [{ op: 'Add', path: 'members', value: [{ value: '{0}' }, { value: '{1}' }] }]),
  ],
};

export const entra: HttpCase[] = [
  designed(
    'Get user by query: zero results',
    get('/Users?filter=userName eq "non-existent user {tag}"'.replaceAll(' ', '%20')),
    { status: 200, body: { totalResults: 0 } },
  ),
  designed(
    'Create user',
    post('/Users', {
      schemas: [core, enterprise],
      externalId: '0a21f0f2-{tag}',
      userName: 'Test_User_{tag}',
      active: true,
      emails: [{ primary: true, type: 'work', value: 'Test_User_{tag}@testuser.com' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
      roles: [],
    }),
    {
      status: 201,
      body: {
        externalId: '0a21f0f2-{tag}',
        userName: 'Test_User_{tag}',
        active: true,
        emails: [{ primary: true, type: 'work', value: 'Test_User_{tag}@testuser.com' }],
      },
    },
  ),
  designed(
    'Get user by query',
    get('/Users?filter=userName%20eq%20%22{0.userName}%22'),
    { status: 200, body: { totalResults: 1, Resources: [{ id: '{0}' }] } },
    one,
  ),
  designed(
    'Update user [Multi-valued properties]',
    patch('/Users/{0}', [
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updated{tag}@microsoft.com' },
      { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
    ]),
    { status: 200, body: { name: { familyName: 'updatedFamilyName' } } },
    one,
  ),
  designed(
    'Update user [Single-valued properties]',
    patch('/Users/{0}', [{ op: 'Replace', path: 'userName', value: '5b50642d-{tag}@testuser.com' }]),
    { status: 200, body: { userName: '5b50642d-{tag}@testuser.com' } },
    one,
  ),
  designed(
    'Disable user',
    patch('/Users/{0}', [{ op: 'Replace', path: 'active', value: false }]),
    { status: 200, body: { active: false } },
    one,
  ),
  designed('Delete user', remove('/Users/{0}'), { status: 204 }, one),
  designed(
    'Create group',
    post('/Groups', {
      schemas: [groupCore, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-{tag}',
      displayName: 'displayName {tag}',
      meta: { resourceType: 'Group' },
    }),
    { status: 201, body: { externalId: '8aa1a0c0-{tag}', displayName: 'displayName {tag}' } },
  ),
  designed(
    'Get group',
    get('/Groups/{g0}?excludedAttributes=members'),
    { status: 200, without: ['members'] },
    full,
  ),
  designed(
    'Get group by displayName',
    get('/Groups?excludedAttributes=members&filter=displayName%20eq%20%22{g0.userName}%22'),
    { status: 200, body: { totalResults: 1 } },
    both,
  ),
  designed(
    'Update group [Non-member attributes]',
    patch('/Groups/{g0}', [{ op: 'Replace', path: 'displayName', value: '{tag}updatedDisplayName' }]),
    { status: 200, body: { displayName: '{tag}updatedDisplayName' } },
    both,
  ),
  designed(
    'Update group [Add members]',
    patch('/Groups/{g0}', [{ op: 'Add', path: 'members', value: [{ $ref: null, value: '{0}' }] }]),
    { status: 200, body: { members: [{ value: '{0}' }] } },
    both,
  ),
  designed(
    'Update group [Remove members]',
    patch('/Groups/{g0}', [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: '{0}' }] }]),
    { status: 200, body: { members: [{ value: '{1}' }] } },
    full,
  ),
  designed('Delete group', remove('/Groups/{g0}'), { status: 204 }, both),
  flagged(
    'disable users, without feature flag',
    patch('/Users/{0}', [{ op: 'Replace', path: 'active', value: 'False' }]),
    { status: 200, body: { active: false } },
    one,
  ),
  flagged(
    'disable users, with feature flag',
    patch('/Users/{0}', [{ op: 'replace', path: 'active', value: false }]),
    { status: 200, body: { active: false } },
    one,
  ),
  flagged(
    'add a single-value string attribute, without feature flag',
    patch('/Users/{0}', [{ op: 'Add', path: 'nickName', value: 'Babs' }]),
    { status: 200, without: ['nickName'] },
    one,
  ),
  flagged(
    'add a single-value string attribute, with feature flag',
    patch('/Users/{0}', [{ op: 'add', path: 'nickName', value: 'Babs' }]),
    { status: 200 },
    one,
  ),
  flagged(
    'replace multiple attributes, without feature flag',
    patch('/Users/{0}', [
      { op: 'Replace', path: 'displayName', value: 'Pvlo' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'TestBcwqnm{tag}@test.microsoft.com' },
      { op: 'Replace', path: 'name.givenName', value: 'Gtfd' },
      { op: 'Replace', path: 'name.familyName', value: 'Pkqf' },
      { op: 'Replace', path: 'externalId', value: 'Eqpj{tag}' },
      { op: 'Replace', path: `${enterprise}:employeeNumber`, value: 'Eqpj' },
    ]),
    {
      status: 200,
      body: { displayName: 'Pvlo', externalId: 'Eqpj{tag}', name: { givenName: 'Gtfd', familyName: 'Pkqf' } },
    },
    one,
  ),
  flagged(
    'replace multiple attributes, with feature flag',
    patch('/Users/{0}', [
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'TestMhvaes{tag}@test.microsoft.com' },
      {
        op: 'replace',
        value: {
          displayName: 'Bjfe',
          'name.givenName': 'Kkom',
          'name.familyName': 'Unua',
          [`${enterprise}:employeeNumber`]: 'Aklq',
        },
      },
    ]),
    { status: 200, body: { displayName: 'Bjfe', name: { givenName: 'Kkom', familyName: 'Unua' } } },
    one,
  ),
  flagged(
    'remove a group member, without feature flag',
    patch('/Groups/{g0}', [{ op: 'Remove', path: 'members', value: [{ value: '{1}' }] }]),
    { status: 200, body: { members: [{ value: '{0}' }] } },
    full,
  ),
  flagged(
    'remove a group member, with feature flag',
    patch('/Groups/{g0}', [{ op: 'remove', path: 'members[value eq "{1}"]' }]),
    { status: 200, body: { members: [{ value: '{0}' }] } },
    full,
  ),
  flagged(
    'manager as a plain text',
    patch('/Users/{1}', [{ op: 'Add', path: `${enterprise}:manager`, value: '{0}' }]),
    { status: 200, body: { [enterprise]: { manager: { value: '{0}' } } } },
    both,
  ),
  flagged(
    'several members removed by value',
    patch('/Groups/{g0}', [{ op: 'Remove', path: 'members', value: [{ value: '{0}' }, { value: '{1}' }] }]),
    { status: 200, without: ['members'] },
    full,
  ),
  flagged(
    'a value added below a filter that fits nothing yet',
    patch('/Users/{0}', [
      { op: 'Add', path: 'emails[type eq "other"].value', value: 'other{tag}@test.microsoft.com' },
    ]),
    { status: 200 },
    one,
  ),
];
