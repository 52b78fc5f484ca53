import { about, core, enterprise, groupCore, type HttpCase, post } from './http-case.ts';

/** Many operations in one request (RFC 7644, section 3.7). */
const bulk = about(
  '7644 3.7',
  'The SCIM bulk operation is an optional server feature that enables clients to send a potentially large collection of resource operations in a single request',
);
const identifier = about('7644 3.7', 'REQUIRED when "method" is "POST"');
const version = about('7644 3.7', 'The current resource version');
const circular = about(
  '7644 3.7.1',
  'The service provider MUST try to resolve circular cross-references between resources in a single bulk job but MAY stop after a failed attempt and instead return HTTP status code 409 (Conflict)',
);
const bulkId = about(
  '7644 3.7.2',
  'the client must use the surrogate id attribute, "bulkId", to reference the User',
);
const failOnErrors = about(
  '7644 3.7',
  'An integer specifying the number of errors that the service provider will accept before the operation is terminated',
);
const results = about(
  '7644 3.7.3',
  'The service provider response MUST include the result of all processed operations',
);
const limits = about(
  '7644 3.7.4',
  'If either limit is exceeded, the service provider MUST return HTTP response code 413 (Payload Too Large)',
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
const managedBy = (value: string) => ({
  schemas: [core, enterprise],
  [enterprise]: { manager: { value } },
});
const title = [{ op: 'replace', path: 'title', value: 'Chief' }];
const retitle = (more: Record<string, unknown> = {}) => ({
  method: 'PATCH',
  path: '/Users/{0}',
  data: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: title },
  ...more,
});
const one = { users: [{}] };
/** What came of each, in the order in which they were asked. */
const came = (...Operations: Record<string, unknown>[]) => ({ status: 200, body: { Operations } as never });

export const bulkCases: HttpCase[] = [
  bulk(
    request([newUser('a'), newUser('b')]),
    came({ bulkId: 'a', status: '201' }, { bulkId: 'b', status: '201' }),
  ),
  bulk(request([{ method: 'DELETE', path: '/Users/{0}' }]), came({ status: '204' }), one),
  bulk(request([retitle()]), came({ method: 'PATCH', status: '200', location: '{text}' }), one),
  bulk(request([retitle({ data: title })]), came({ status: '200' }), one),
  bulk(
    request([
      { method: 'PUT', path: '/Users/{0}', data: { schemas: [core], userName: 'put-{tag}', title: 'Chief' } },
    ]),
    came({ method: 'PUT', status: '200' }),
    one,
  ),
  identifier(
    request([{ method: 'POST', path: '/Users', data: { schemas: [core], userName: '{tag}' } }]),
    came({ method: 'POST', status: '400' }),
  ),
  version(request([retitle({ version: 'W/"1"' })]), came({ status: '412' }), one),
  version(request([retitle({ version: '{0.version}' })]), came({ status: '200' }), one),
  circular(
    request([newUser('a', managedBy('bulkId:b')), newUser('b', managedBy('bulkId:a'))]),
    came({ bulkId: 'a', status: '409' }, { bulkId: 'b', status: '409' }),
  ),
  bulkId(
    request([
      newUser('a'),
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'g',
        data: { schemas: [groupCore], displayName: '{tag}', members: [{ value: 'bulkId:a' }] },
      },
    ]),
    came({ bulkId: 'a', status: '201' }, { bulkId: 'g', status: '201' }),
  ),
  bulkId(
    request([newUser('a', managedBy('bulkId:b')), newUser('b')]),
    came({ bulkId: 'a', status: '201' }, { bulkId: 'b', status: '201' }),
  ),
  bulkId(
    request([newUser('a'), retitle({ path: '/Users/bulkId:a' })]),
    came({ bulkId: 'a', status: '201' }, { method: 'PATCH', status: '200' }),
  ),
  bulkId(request([newUser('a', managedBy('bulkId:none'))]), came({ bulkId: 'a', status: '409' })),
  failOnErrors(
    request([newUser('a', { active: 5 }), newUser('b')], { failOnErrors: 1 }),
    came({ bulkId: 'a', status: '400' }),
  ),
  failOnErrors(
    request([newUser('a', { active: 5 }), newUser('b'), newUser('c', { active: 5 }), newUser('d')], {
      failOnErrors: 2,
    }),
    came({ bulkId: 'a', status: '400' }, { bulkId: 'b', status: '201' }, { bulkId: 'c', status: '400' }),
  ),
  results(
    request([newUser('a', { active: 5 }), { method: 'DELETE', path: '/Users/none' }, newUser('b')]),
    came(
      { bulkId: 'a', status: '400', response: { status: '400' } },
      { method: 'DELETE', status: '404', location: '{text}' },
      { bulkId: 'b', status: '201', location: '{text}' },
    ),
  ),
  limits(request(Array.from({ length: 101 }, (_, index) => newUser(`n${index}`))), { status: 413 }),
];
