import { core, get, groupCore, type HttpCase, patch, post, put, remove } from './http-case.ts';

const about =
  (section: string, quote: string) =>
  (request: HttpCase['request'], expect: HttpCase['expect'], given?: HttpCase['given']): HttpCase => ({
    section,
    quote,
    given,
    request,
    expect,
  });

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
const discovery = about(
  '7644 4',
  'An HTTP GET to this endpoint will return a JSON structure that describes the SCIM specification features available',
);
const types = about('7643 6', 'The "ResourceType" schema specifies the metadata about a resource type');
const schemas = about(
  '7643 7',
  'This section defines a way to specify the schema in use by resources available and accepted by a SCIM service provider',
);
const config = about(
  '7643 5',
  "SCIM provides a schema for representing the service provider's configuration",
);
const forbidden = about(
  '7644 4',
  'If a "filter" is provided, the service provider SHOULD respond with HTTP status code 403 (Forbidden)',
);
const pagination = about('9865 4', 'A complex type that indicates pagination configuration options');
const remove1 = about(
  '7644 3.5.2.2',
  'If no other values remain after the removal of the selected values, the multi-valued attribute SHALL be considered unassigned',
);
const deleted = about(
  '7644 3.6',
  'Service providers MAY choose not to permanently delete the resource but MUST return a 404',
);
const bulk = about(
  '7644 3.7',
  'The SCIM bulk operation is an optional feature that enables clients to send a potentially large collection of resource operations in a single request',
);
const bulkId = about('7644 3.7.2', 'the client can supply a temporary resource id');
const failOnErrors = about(
  '7644 3.7.3',
  'An integer specifying the number of errors that the service provider will accept before the operation is terminated',
);
const request = (Operations: unknown[], more: Record<string, unknown> = {}) =>
  post('/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations,
    ...more,
  } as never);
const newUser = (bulkName: string, data: Record<string, unknown> = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId: bulkName,
  data: { schemas: [core], userName: `${bulkName}-{tag}`, ...data },
});

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
  discovery(get('/ServiceProviderConfig'), {
    status: 200,
    body: {
      patch: { supported: true },
      bulk: { supported: true },
      filter: { supported: true },
      sort: { supported: true },
      etag: { supported: true },
      changePassword: { supported: false },
    },
  }),
  config(
    { ...get('/ServiceProviderConfig'), by: 'nobody' },
    { status: 200, body: { authenticationSchemes: [{ type: 'oauthbearertoken' }] } },
  ),
  pagination(get('/ServiceProviderConfig'), {
    status: 200,
    body: { pagination: { cursor: true, index: true, maxPageSize: 500, cursorTimeout: 3600 } },
  }),
  types(get('/ResourceTypes'), { status: 200, body: { totalResults: 2 } }),
  types(get('/ResourceTypes/User'), { status: 200, body: { id: 'User', endpoint: '/Users', schema: core } }),
  schemas(get(`/Schemas/${core}`), { status: 200, body: { id: core, name: 'User' } }),
  schemas(get('/Schemas/urn:example:none'), { status: 404 }),
  forbidden(get('/Schemas?filter=id+pr'), { status: 403 }),
  forbidden(get('/ResourceTypes?filter=id+pr'), { status: 403 }),
  bulk(request([newUser('a'), newUser('b')]), {
    status: 200,
    body: {
      Operations: [
        { bulkId: 'a', status: '201' },
        { bulkId: 'b', status: '201' },
      ],
    },
  }),
  bulk(
    request([{ method: 'DELETE', path: '/Users/{0}' }]),
    { status: 200, body: { Operations: [{ status: '204' }] } },
    { users: [{}] },
  ),
  bulkId(
    request([
      newUser('a'),
      { method: 'POST', path: '/Groups', bulkId: 'g', data: named({ members: [{ value: 'bulkId:a' }] }) },
    ]),
    {
      status: 200,
      body: {
        Operations: [
          { bulkId: 'a', status: '201' },
          { bulkId: 'g', status: '201' },
        ],
      },
    },
  ),
  failOnErrors(request([newUser('a', { active: 5 }), newUser('b')], { failOnErrors: 1 }), {
    status: 200,
    body: { Operations: [{ bulkId: 'a', status: '400' }] },
  }),
];
