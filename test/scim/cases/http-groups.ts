import { about, get, groupCore, type HttpCase, patch, post, put, remove } from './http-case.ts';

const group = { groups: [{}] };
const both = { users: [{}, {}], groups: [{}] };
const full = {
  ...both,
  after: [
    patch('/Groups/{g0}', [{ op: 'add', path: 'members', value: [{ value: '{0}' }, { value: '{1}' }] }]),
  ],
};
const named = (more: Record<string, unknown> = {}) =>
  ({ schemas: [groupCore], displayName: '{tag}', ...more }) as never;

const groups = about(
  '7643 4.2',
  'SCIM provides a schema for representing groups, identified using the following schema URI',
);
const members = about('7643 4.2', 'A list of members of the Group');
const belongs = about(
  '7643 4.1.2',
  'A list of groups to which the user belongs, either through direct membership, through nested groups, or dynamically calculated',
);
const remove1 = about(
  '7644 3.5.2.2',
  'If no other values remain after removal of the selected values, the multi-valued attribute SHALL be considered unassigned',
);
const deleted = about(
  '7644 3.6',
  'Service providers MAY choose not to permanently delete the resource but MUST return a 404',
);

export const groupCases: HttpCase[] = [
  groups(post('/Groups', named()), {
    status: 201,
    body: { schemas: [groupCore], displayName: '{tag}' },
    headers: { location: /\/Groups\/[0-9a-f-]{36}$/ },
  }),
  groups(post('/Groups', { schemas: [groupCore] }), { status: 400, scimType: 'invalidValue' }),
  groups(
    post('/Groups', named({ displayName: '{g0.userName}' })),
    { status: 409, scimType: 'uniqueness' },
    group,
  ),
  groups(
    get('/Groups/{g0}'),
    { status: 200, body: { id: '{g0}', displayName: '{g0.userName}', meta: { resourceType: 'Group' } } },
    group,
  ),
  groups(
    get('/Groups?filter=displayName+eq+%22{g0.userName}%22'),
    { status: 200, body: { totalResults: 1, Resources: [{ id: '{g0}' }] } },
    group,
  ),
  groups(
    put('/Groups/{g0}', named({ displayName: 'new {tag}' })),
    { status: 200, body: { displayName: 'new {tag}' } },
    group,
  ),
  groups(
    patch('/Groups/{g0}', [{ op: 'replace', path: 'displayName', value: 'new {tag}' }]),
    { status: 200, body: { displayName: 'new {tag}' } },
    group,
  ),
  members(
    post('/Groups', named({ members: [{ value: '{0}' }] })),
    { status: 201, body: { members: [{ value: '{0}', type: 'User' }] } },
    both,
  ),
  members(
    post('/Groups', named({ members: [{ value: '{g0}', type: 'Group' }] })),
    { status: 400, scimType: 'invalidValue' },
    group,
  ),
  members(
    patch('/Groups/{g0}', [{ op: 'add', path: 'members', value: [{ value: '{0}' }] }]),
    { status: 200, body: { members: [{ value: '{0}' }] } },
    both,
  ),
  members(get('/Groups/{g0}?excludedAttributes=members'), { status: 200, without: ['members'] }, full),
  members(
    get('/Groups?filter=members+eq+%22{0}%22'),
    { status: 200, body: { totalResults: 1, Resources: [{ id: '{g0}' }] } },
    full,
  ),
  remove1(
    patch('/Groups/{g0}', [{ op: 'remove', path: 'members[value eq "{0}"]' }]),
    { status: 200, body: { members: [{ value: '{1}' }] } },
    full,
  ),
  remove1(
    patch('/Groups/{g0}', [{ op: 'remove', path: 'members' }]),
    { status: 200, without: ['members'] },
    full,
  ),
  belongs(
    get('/Users/{0}'),
    { status: 200, body: { groups: [{ value: '{g0}', display: '{g0.userName}', type: 'direct' }] } },
    full,
  ),
  deleted(remove('/Groups/{g0}'), { status: 204 }, group),
  deleted(get('/Groups/{g0}'), { status: 404 }, { ...group, after: [remove('/Groups/{g0}')] }),
];
