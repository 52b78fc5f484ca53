import { about, core, enterprise, get, groupCore, type HttpCase, own } from './http-case.ts';

/** What a server says of itself (RFC 7643, sections 5 to 7; RFC 7644, section 4). */
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

const listed = { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'] };

export const discoveryCases: HttpCase[] = [
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
  forbidden(get('/ServiceProviderConfig?filter=patch.supported+eq+true'), { status: 403 }),
  config(get('/ServiceProviderConfig'), {
    status: 200,
    body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'] },
  }),
  types(get('/ResourceTypes/Group'), {
    status: 200,
    body: { id: 'Group', endpoint: '/Groups', schema: groupCore },
  }),
  types(get('/ResourceTypes/User'), {
    status: 200,
    body: {
      schemaExtensions: [
        { schema: enterprise, required: false },
        { schema: own, required: false },
      ],
    },
  }),
  types(get('/ResourceTypes/Device'), { status: 404 }),
  schemas(get('/Schemas'), { status: 200, body: { ...listed, totalResults: 4 } }),
  schemas(get(`/Schemas/${groupCore}`), { status: 200, body: { id: groupCore, name: 'Group' } }),
  schemas(get(`/Schemas/${enterprise}`), { status: 200, body: { id: enterprise } }),
  schemas(get(`/Schemas/${own}`), { status: 200, body: { id: own } }),
];
