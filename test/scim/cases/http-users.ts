/** What the RFCs say of people, asked of the server: one long table, so that a section is found in one place. */
import {
  about,
  core,
  enterprise,
  get,
  type HttpCase,
  list,
  own,
  patch,
  post,
  put,
  remove,
  search,
  user,
} from './http-case.ts';

const one = { users: [{ title: 'Fitter' }] };
const three = {
  users: [
    { title: '{tag}', displayName: 'C' },
    { title: '{tag}', displayName: 'a' },
    { title: '{tag}', displayName: 'B' },
  ],
};
const listed = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const error = 'urn:ietf:params:scim:api:messages:2.0:Error';

const created = about('7644 3.3', 'an HTTP response SHALL be returned with HTTP status code 201 (Created)');
const location = about(
  '7644 3.3',
  'The URI of the created resource SHALL include, in the HTTP "Location" header',
);
const ignored = about(
  '7644 3.3',
  'attributes whose mutability is "readOnly" (see Sections 2.2 and 7 of [RFC7643]) SHALL be ignored',
);
const conflict = about(
  '7644 3.3',
  'the service provider MUST return HTTP status code 409 (Conflict) with a "scimType" error code of "uniqueness"',
);
const identifier = about(
  '7643 3.1',
  'A unique identifier for a SCIM resource as defined by the service provider',
);
const external = about(
  '7643 3.1',
  'A String that is an identifier for the resource as defined by the provisioning client',
);
const meta = about('7643 3.1', 'A complex attribute containing resource metadata');
const known = about(
  '7644 3.4.1',
  'If the resource exists, the server responds with HTTP status code 200 (OK)',
);
const selection = about(
  '7644 3.9',
  'Clients MAY request a partial resource representation on any operation that returns a resource within the response',
);
const responses = about(
  '7644 3.4.2',
  'Responses MUST be identified using the following URI: "urn:ietf:params:scim:api:messages:2.0:ListResponse"',
);
const nothing = about(
  '7644 3.4.2',
  'A query that does not return any matches SHALL return success (HTTP status code 200) with "totalResults" set to a value of 0',
);
const filtered = about(
  '7644 3.4.2.2',
  'only those resources matching the filter expression SHALL be returned',
);
const invalidFilter = about(
  '7644 3.4.2.2',
  'MUST decline to filter results if the specified filter operation is not recognized and return an HTTP 400 error with a "scimType" error of "invalidFilter"',
);
const sorted = about(
  '7644 3.4.2.3',
  'Sorting allows clients to specify the order in which resources are returned',
);
const pages = about(
  '7644 3.4.2.4',
  'Pagination parameters can be used together to "page through" large numbers of resources',
);
const cursors = about(
  '9865 2',
  'Service providers supporting cursor-based pagination MUST include nextCursor in all paged query responses except when returning the last page',
);
const cursorErrors = about(
  '9865 2.1',
  'If a service provider encounters invalid pagination query parameters (invalid cursor value, count value, etc)',
);
const counts = about(
  '9865 2',
  'A value of "0" indicates that no resource results are to be returned except for "totalResults"',
);
const searched = about(
  '7644 3.4.3',
  'Clients MAY execute queries without passing parameters on the URL by using the HTTP POST verb combined with the "/.search" path extension',
);
const searchCursor = about(
  '9865 3',
  'When posting to /.search, the client would pass the parameters defined in Section 2',
);
const replaced = about('7644 3.5.1', "HTTP PUT is used to replace a resource's attributes");
const noCreate = about('7644 3.5.1', 'HTTP PUT MUST NOT be used to create new resources');
const cleared = about(
  '7644 3.5.1',
  'Attributes whose mutability is "readWrite" that are omitted from the request body',
);
const putReadOnly = about('7644 3.5.1', 'Any values provided SHALL be ignored');
const patched = about(
  '7644 3.5.2',
  'the server either MUST return a 200 OK response code and the entire resource',
);
const add = about(
  '7644 3.5.2.1',
  'The "add" operation is used to add a new attribute value to an existing resource',
);
const noChange = about(
  '7644 3.5.2.1',
  'this operation SHALL NOT change the modify timestamp of the resource',
);
const removed = about(
  '7644 3.5.2.2',
  'The "remove" operation removes the value at the target location specified by the required attribute "path"',
);
const replace = about(
  '7644 3.5.2.3',
  'The "replace" operation replaces the value at the target location specified by the "path"',
);
const atomic = about(
  '7644 3.5.2',
  'If a single operation encounters an error condition, the original SCIM resource MUST be restored',
);
const body = about(
  '7644 3.5.2',
  'The body of each request MUST contain the "schemas" attribute with the URI value of "urn:ietf:params:scim:api:messages:2.0:PatchOp"',
);
const op = about(
  '7644 3.5.2',
  'MUST have exactly one "op" member, whose value indicates the operation to perform and MAY be one of "add", "remove", or "replace"',
);
const deleted = about(
  '7644 3.6',
  'In response to a successful DELETE, the server SHALL return a successful HTTP status code 204 (No Content)',
);
const gone = about(
  '7644 3.6',
  'MUST return a 404 (Not Found) error code for all operations associated with the previously deleted resource',
);
const omitted = about('7644 3.6', 'Service providers MUST omit the resource from future query results');
const reusable = about(
  '7644 3.6',
  'the service provider SHOULD NOT consider the deleted resource in conflict calculation',
);
const media = about(
  '7644 3.8',
  'Servers MUST accept requests and be able to return JSON-structured responses using UTF-8 encoding',
);
const me = about(
  '7644 3.11',
  'A service provider that does NOT support this feature SHOULD respond with HTTP status code 501 (Not Implemented)',
);
const errors = about('7644 3.12', 'Error responses are identified using the following "schema" URI');
const status = about(
  '7644 3.12',
  'The HTTP status code (see Section 6 of [RFC7231]) expressed as a JSON string',
);
const missing = about('7644 3.12', 'Specified resource (e.g., User) or endpoint does not exist');
const etag = about(
  '7644 3.14',
  "When supported, SCIM ETags MUST be specified as an HTTP header and SHOULD be specified within the 'version' attribute",
);
const match = about('7644 3.14', 'If-Match');
const none = about('7644 3.14', 'If-None-Match');
const authenticated = about(
  '7644 2',
  'a SCIM service provider SHALL indicate supported HTTP authentication schemes via the "WWW-Authenticate" header',
);
const active = about('7643 4.1.1', "A Boolean value indicating the User's administrative status");
const names = about('7643 4.1.1', "The components of the user's name");
const password = about(
  '7643 4.1.1',
  'The cleartext value or the hashed value of a password SHALL NOT be returnable',
);
const enterpriseUser = about(
  '7643 4.3',
  'The following SCIM extension defines attributes commonly used in representing users',
);
const extension = about(
  '7643 3.3',
  'SCIM allows resource types to have extensions in addition to their core schema',
);

export const userCases: HttpCase[] = [
  created(post('/Users', user()), { status: 201, body: { schemas: [core, own], userName: '{tag}' } }),
  created(post('/Users', user({ name: { givenName: 'Bar', familyName: 'Jensen' }, title: 'Guide' })), {
    status: 201,
    body: { title: 'Guide', name: { givenName: 'Bar', familyName: 'Jensen' } },
  }),
  created(post('/Users?attributes=userName', user()), {
    status: 201,
    without: ['title', 'meta', 'active'],
    body: { userName: '{tag}' },
  }),
  location(post('/Users', user()), {
    status: 201,
    headers: { location: /\/scim\/[^/]+\/v2\/Users\/[0-9a-f-]{36}$/, etag: /^W\/"/ },
  }),
  ignored(
    post('/Users', user({ id: 'mine', meta: { created: '2001-01-01T00:00:00Z' }, groups: [{ value: 'x' }] })),
    { status: 201, without: ['groups'], body: { id: expectUuid() } },
  ),
  ignored(post('/Users', user({ password: 't1meMa$heen', nickName: 'B', favouriteColour: 'red' })), {
    status: 201,
    without: ['password', 'nickName', 'favouriteColour'],
  }),
  conflict(post('/Users', user({ userName: '{0.userName}' })), { status: 409, scimType: 'uniqueness' }, one),
  conflict(
    put('/Users/{1}', user({ userName: '{0.userName}' })),
    { status: 409, scimType: 'uniqueness' },
    { users: [{}, {}] },
  ),
  conflict(
    patch('/Users/{1}', [{ op: 'replace', path: 'userName', value: '{0.userName}' }]),
    { status: 409, scimType: 'uniqueness' },
    { users: [{}, {}] },
  ),
  errors(post('/Users', { userName: '{tag}' }), {
    status: 400,
    scimType: 'invalidSyntax',
    body: { schemas: [error] },
  }),
  errors(post('/Users', { schemas: [core] }), {
    status: 400,
    scimType: 'invalidValue',
    body: { schemas: [error] },
  }),
  errors(post('/Users', user({ active: 5 })), { status: 400, scimType: 'invalidValue' }),
  errors(post('/Users', user({ title: 'a\u0000b' })), { status: 400, scimType: 'invalidSyntax' }),
  status(get('/Users/nobody'), { status: 404, body: { status: '404', schemas: [error] } }),
  missing(get('/Users/00000000-0000-4000-8000-000000000000'), { status: 404 }),
  missing(patch('/Users/00000000-0000-4000-8000-000000000000', [{ op: 'add', path: 'title', value: 'x' }]), {
    status: 404,
  }),
  missing(remove('/Users/00000000-0000-4000-8000-000000000000'), { status: 404 }),
  missing(get('/Printers'), { status: 404, body: { schemas: [error] } }),
  identifier(get('/Users/{0}'), { status: 200, body: { id: '{0}' } }, one),
  identifier(
    patch('/Users/{0}', [{ op: 'replace', path: 'id', value: 'x' }]),
    { status: 400, scimType: 'mutability' },
    one,
  ),
  external(post('/Users', user({ externalId: 'x-{tag}' })), { status: 201, body: { externalId: 'x-{tag}' } }),
  external(
    list({ filter: 'externalId eq "x-{tag}"' }),
    { status: 200, body: { totalResults: 1, Resources: [{ id: '{0}' }] } },
    { users: [{ externalId: 'x-{tag}' }] },
  ),
  external(
    list({ filter: 'externalId eq "X-{tag}"' }),
    { status: 200, body: { totalResults: 0 } },
    { users: [{ externalId: 'x-{tag}' }] },
  ),
  meta(
    get('/Users/{0}'),
    { status: 200, body: { meta: { resourceType: 'User', version: '{0.version}' } } },
    one,
  ),
  meta(
    put('/Users/{0}', user({ meta: { version: 'W/"1"', created: '2001-01-01T00:00:00Z' } })),
    { status: 200, body: { meta: { resourceType: 'User' } } },
    one,
  ),
  known(
    get('/Users/{0}'),
    {
      status: 200,
      body: { title: 'Fitter', active: true },
      headers: { 'content-type': /^application\/scim\+json/ },
    },
    one,
  ),
  selection(
    get('/Users/{0}?attributes=title'),
    { status: 200, body: { id: '{0}', title: 'Fitter' }, without: ['userName', 'meta'] },
    one,
  ),
  selection(
    get('/Users/{0}?excludedAttributes=title,meta'),
    { status: 200, body: { userName: '{0.userName}' }, without: ['title', 'meta'] },
    one,
  ),
  selection(get('/Users/{0}?attributes=title&excludedAttributes=meta'), { status: 400 }, one),
  selection(
    patch('/Users/{0}?attributes=title', [{ op: 'replace', path: 'title', value: 'x' }]),
    { status: 200, body: { title: 'x' }, without: ['userName'] },
    one,
  ),
  selection(
    list({ filter: 'title eq "{tag}"', attributes: 'displayName', sortBy: 'displayName' }),
    { status: 200, body: { Resources: [{ displayName: 'a' }, { displayName: 'B' }, { displayName: 'C' }] } },
    three,
  ),
  responses(
    list({ filter: 'title eq "{tag}"' }),
    { status: 200, body: { schemas: [listed], totalResults: 3, startIndex: 1, itemsPerPage: 3 } },
    three,
  ),
  nothing(list({ filter: 'title eq "{tag}"' }), {
    status: 200,
    body: { totalResults: 0, schemas: [listed] },
  }),
  filtered(
    list({ filter: 'title eq "{tag}" and displayName sw "c"' }),
    { status: 200, body: { totalResults: 1, Resources: [{ id: '{0}' }] } },
    three,
  ),
  filtered(
    list({ filter: 'title eq "{tag}" and not (displayName gt "a")' }),
    { status: 200, body: { totalResults: 1, Resources: [{ id: '{1}' }] } },
    three,
  ),
  filtered(
    list({ filter: 'emails[type eq "work" and value eq "{tag}@example.test"]' }),
    { status: 200, body: { totalResults: 1, Resources: [{ id: '{0}' }] } },
    { users: [{ emails: [{ value: '{tag}@example.test', type: 'work' }] }] },
  ),
  filtered(list({ filter: 'userName eq "{0.userName}"' }), { status: 200, body: { totalResults: 1 } }, one),
  filtered(
    list({ filter: 'title eq "{tag}" and meta.created gt "2001-01-01T00:00:00Z"' }),
    { status: 200, body: { totalResults: 3 } },
    three,
  ),
  filtered(
    list({ filter: 'title eq "{tag}" and active eq false' }),
    { status: 200, body: { totalResults: 0 } },
    three,
  ),
  filtered(list({ filter: 'id eq "{0}"' }), { status: 200, body: { totalResults: 1 } }, one),
  filtered(
    list({ filter: `${enterprise}:manager eq "{0}"` }),
    { status: 200, body: { totalResults: 1, Resources: [{ id: '{1}' }] } },
    {
      users: [{}, {}],
      after: [patch('/Users/{1}', [{ op: 'add', path: `${enterprise}:manager`, value: { value: '{0}' } }])],
    },
  ),
  invalidFilter(list({ filter: 'title is "x"' }), { status: 400, scimType: 'invalidFilter' }),
  invalidFilter(list({ filter: 'active gt true' }), { status: 400, scimType: 'invalidFilter' }),
  invalidFilter(list({ filter: 'password eq "x"' }), { status: 400, scimType: 'invalidFilter' }),
  invalidFilter(list({ filter: `${'('.repeat(40)}title pr${')'.repeat(40)}` }), {
    status: 400,
    scimType: 'invalidFilter',
  }),
  sorted(
    list({ filter: 'title eq "{tag}"', sortBy: 'displayName' }),
    { status: 200, body: { Resources: [{ id: '{1}' }, { id: '{2}' }, { id: '{0}' }] } },
    three,
  ),
  sorted(
    list({ filter: 'title eq "{tag}"', sortBy: 'displayName', sortOrder: 'descending' }),
    { status: 200, body: { Resources: [{ id: '{0}' }, { id: '{2}' }, { id: '{1}' }] } },
    three,
  ),
  sorted(list({ sortBy: 'nosuch' }), { status: 400, scimType: 'invalidPath' }),
  pages(
    list({ filter: 'title eq "{tag}"', sortBy: 'displayName', startIndex: '2', count: '1' }),
    { status: 200, body: { totalResults: 3, startIndex: 2, itemsPerPage: 1, Resources: [{ id: '{2}' }] } },
    three,
  ),
  pages(list({ filter: 'title eq "{tag}"', count: '0' }), { status: 200, body: { totalResults: 3 } }, three),
  pages(
    list({ filter: 'title eq "{tag}"', startIndex: '0', count: '-5' }),
    { status: 200, body: { totalResults: 3 } },
    three,
  ),
  pages(
    list({ filter: 'title eq "{tag}"', startIndex: '99' }),
    { status: 200, body: { totalResults: 3 } },
    three,
  ),
  pages(list({ count: 'many' }), { status: 400, scimType: 'invalidValue' }),
  cursors(
    list({ filter: 'title eq "{tag}"', sortBy: 'displayName', cursor: '', count: '2' }),
    {
      status: 200,
      body: { totalResults: 3, nextCursor: expectText(), Resources: [{ id: '{1}' }, { id: '{2}' }] },
    },
    three,
  ),
  cursors(
    list({ filter: 'title eq "{tag}"', cursor: '', count: '3' }),
    { status: 200, body: { totalResults: 3 }, without: ['nextCursor'] },
    three,
  ),
  cursorErrors(list({ cursor: 'made-up' }), { status: 400, scimType: 'invalidCursor' }),
  cursorErrors(list({ cursor: '', count: 'ten' }), { status: 400, scimType: 'invalidCount' }),
  counts(
    list({ filter: 'title eq "{tag}"', cursor: '', count: '0' }),
    { status: 200, body: { totalResults: 3, itemsPerPage: 0 }, without: ['nextCursor'] },
    three,
  ),
  searched(
    search({ filter: 'title eq "{tag}"', sortBy: 'displayName', count: 2 }),
    { status: 200, body: { schemas: [listed], totalResults: 3, Resources: [{ id: '{1}' }, { id: '{2}' }] } },
    three,
  ),
  searched(
    search({ filter: 'title eq "{tag}"', attributes: ['displayName'] }),
    { status: 200, body: { totalResults: 3 } },
    three,
  ),
  searched(search({ filter: 'title is "x"' }), { status: 400, scimType: 'invalidFilter' }),
  searchCursor(
    search({ filter: 'title eq "{tag}"', cursor: '', count: 2 }),
    { status: 200, body: { totalResults: 3, nextCursor: expectText() } },
    three,
  ),
  replaced(
    put('/Users/{0}', user({ userName: '{0.userName}', title: 'Manager', displayName: 'New' })),
    { status: 200, body: { id: '{0}', title: 'Manager', displayName: 'New' } },
    one,
  ),
  noCreate(put('/Users/00000000-0000-4000-8000-000000000000', user()), { status: 404 }),
  cleared(put('/Users/{0}', user({ userName: '{0.userName}' })), { status: 200, without: ['title'] }, one),
  cleared(put('/Users/{0}', { schemas: [core] }), { status: 400, scimType: 'invalidValue' }, one),
  putReadOnly(
    put('/Users/{0}', user({ userName: '{0.userName}', id: 'other', groups: [{ value: 'x' }] })),
    { status: 200, body: { id: '{0}' }, without: ['groups'] },
    one,
  ),
  patched(
    patch('/Users/{0}', [{ op: 'replace', path: 'title', value: 'Manager' }]),
    {
      status: 200,
      body: { id: '{0}', title: 'Manager', userName: '{0.userName}' },
      headers: { etag: /^W\/"/ },
    },
    one,
  ),
  add(
    patch('/Users/{0}', [{ op: 'add', value: { title: 'Manager', name: { familyName: 'Jensen' } } }]),
    { status: 200, body: { title: 'Manager', name: { familyName: 'Jensen' } } },
    one,
  ),
  add(
    patch('/Users/{0}', [
      { op: 'add', path: 'emails', value: [{ value: '{tag}@home.example', type: 'home' }] },
    ]),
    { status: 200, body: { emails: [{ value: '{tag}@home.example' }] } },
    one,
  ),
  noChange(
    patch('/Users/{0}', [{ op: 'add', path: 'title', value: 'Fitter' }]),
    { status: 200, body: { meta: { version: '{0.version}', lastModified: '{0.lastModified}' } } },
    one,
  ),
  removed(patch('/Users/{0}', [{ op: 'remove', path: 'title' }]), { status: 200, without: ['title'] }, one),
  removed(patch('/Users/{0}', [{ op: 'remove' }]), { status: 400, scimType: 'noTarget' }, one),
  removed(
    patch('/Users/{0}', [{ op: 'remove', path: 'userName' }]),
    { status: 400, scimType: 'mutability' },
    one,
  ),
  removed(
    patch('/Users/{0}', [{ op: 'remove', path: 'emails[type eq "fax"]' }]),
    { status: 400, scimType: 'noTarget' },
    one,
  ),
  replace(
    patch('/Users/{0}', [{ op: 'replace', path: 'emails[type eq "fax"].value', value: 'x@example.test' }]),
    { status: 400, scimType: 'noTarget' },
    one,
  ),
  replace(
    patch('/Users/{0}', [{ op: 'replace', value: { title: 'Manager', active: false } }]),
    { status: 200, body: { title: 'Manager', active: false } },
    one,
  ),
  replace(
    patch('/Users/{0}', [{ op: 'replace', path: 'nosuch', value: 'x' }]),
    { status: 400, scimType: 'invalidPath' },
    one,
  ),
  atomic(
    get('/Users/{0}'),
    { status: 200, body: { title: 'Fitter', meta: { version: '{0.version}' } } },
    {
      ...one,
      after: [
        patch('/Users/{0}', [
          { op: 'replace', path: 'title', value: 'x' },
          { op: 'remove', path: 'userName' },
        ]),
      ],
    },
  ),
  body(
    { ...patch('/Users/{0}', []), body: { Operations: [{ op: 'add', path: 'title', value: 'x' }] } },
    { status: 400, scimType: 'invalidSyntax' },
    one,
  ),
  body(patch('/Users/{0}', []), { status: 400, scimType: 'invalidSyntax' }, one),
  op(
    patch('/Users/{0}', [{ op: 'move', path: 'title', value: 'x' }]),
    { status: 400, scimType: 'invalidSyntax' },
    one,
  ),
  op(patch('/Users/{0}', [{ path: 'title', value: 'x' }]), { status: 400, scimType: 'invalidSyntax' }, one),
  deleted(remove('/Users/{0}'), { status: 204 }, one),
  gone(get('/Users/{0}'), { status: 404 }, { ...one, after: [remove('/Users/{0}')] }),
  gone(remove('/Users/{0}'), { status: 404 }, { ...one, after: [remove('/Users/{0}')] }),
  gone(
    patch('/Users/{0}', [{ op: 'add', path: 'title', value: 'x' }]),
    { status: 404 },
    { ...one, after: [remove('/Users/{0}')] },
  ),
  omitted(
    list({ filter: 'userName eq "{0.userName}"' }),
    { status: 200, body: { totalResults: 0 } },
    { ...one, after: [remove('/Users/{0}')] },
  ),
  reusable(
    post('/Users', user({ userName: '{0.userName}' })),
    { status: 201 },
    { ...one, after: [remove('/Users/{0}')] },
  ),
  media(
    { ...post('/Users', user()), headers: { 'content-type': 'application/json' } },
    { status: 201, headers: { 'content-type': /^application\/scim\+json/ } },
  ),
  media(
    { ...post('/Users', user()), headers: { 'content-type': 'application/scim+json; charset=utf-8' } },
    { status: 201 },
  ),
  media(get('/Users/{0}', { accept: 'application/json' }), { status: 200 }, one),
  me(get('/Me'), { status: 501, body: { status: '501', schemas: [error] } }),
  etag(get('/Users/{0}'), { status: 200, headers: { etag: /^W\/"\d+"$/ } }, one),
  match(
    patch('/Users/{0}', [{ op: 'replace', path: 'title', value: 'x' }], { 'if-match': '{0.version}' }),
    { status: 200, body: { title: 'x' } },
    one,
  ),
  match(
    patch('/Users/{0}', [{ op: 'replace', path: 'title', value: 'x' }], { 'if-match': 'W/"1"' }),
    { status: 412 },
    one,
  ),
  match(remove('/Users/{0}', { 'if-match': 'W/"1"' }), { status: 412 }, one),
  none(get('/Users/{0}', { 'if-none-match': '{0.version}' }), { status: 304 }, one),
  none(get('/Users/{0}', { 'if-none-match': 'W/"1"' }), { status: 200 }, one),
  authenticated(
    { ...get('/Users'), by: 'nobody' },
    {
      status: 401,
      body: { status: '401', schemas: [error] },
      headers: { 'www-authenticate': /^Bearer/ },
    },
  ),
  authenticated({ ...get('/Users'), by: 'a stranger' }, { status: 401 }),
  authenticated({ ...list({ filter: 'no filter' }), by: 'nobody' }, { status: 401 }),
  active(
    patch('/Users/{0}', [{ op: 'replace', path: 'active', value: false }]),
    { status: 200, body: { active: false } },
    one,
  ),
  active(post('/Users', user({ active: false })), { status: 201, body: { active: false } }),
  active(
    list({ filter: 'title eq "{tag}" and active eq false' }),
    { status: 200, body: { totalResults: 1 } },
    { users: [{ title: '{tag}', active: false }, { title: '{tag}' }] },
  ),
  names(post('/Users', user({ name: { formatted: 'Ms. Barbara J Jensen' } })), {
    status: 201,
    body: { displayName: 'Ms. Barbara J Jensen' },
  }),
  password(post('/Users', user({ password: 'secret' })), { status: 201, without: ['password'] }),
  enterpriseUser(
    patch('/Users/{1}', [{ op: 'add', path: `${enterprise}:manager`, value: { value: '{0}' } }]),
    { status: 200, body: { [enterprise]: { manager: { value: '{0}' } } } },
    { users: [{}, {}] },
  ),
  extension(post('/Users', user({ [own]: { firstDay: '2030-01-01', lastDay: '2030-12-31' } })), {
    status: 201,
    body: { [own]: { firstDay: '2030-01-01', lastDay: '2030-12-31' } },
  }),
  extension(post('/Users', user({ [own]: { firstDay: 'soon' } })), { status: 400, scimType: 'invalidValue' }),
];

function expectUuid(): string {
  return '{uuid}';
}
function expectText(): string {
  return '{text}';
}
