import type { JsonObject } from '../../../src/enrolment/scim/protocol/json.ts';
import { barbara, type Case, tourGuides, wrong } from './case.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

type Asked = { attributes?: string; excludedAttributes?: string };
const about =
  (section: string, quote: string) =>
  (request: Asked, expect: string[] | string, given: JsonObject = barbara): Case => ({
    section,
    quote,
    given,
    request,
    expect: typeof expect === 'string' ? wrong(expect) : expect,
  });

const always = ['id', 'schemas'];
const attributes = about(
  '7644 3.9',
  'the default list of attributes SHALL be overridden, and each resource returned MUST contain the minimum set of resource attributes and any attributes or sub-attributes explicitly requested',
);
const excluded = about(
  '7644 3.9',
  'each resource returned MUST contain the minimum set of resource attributes. Additionally, the default set of attributes minus those attributes listed in "excludedAttributes"',
);
const notation = about('7644 3.10', 'Clients MAY omit core schema attribute URN prefixes');
const minimum = about(
  '7643 7',
  'The attribute is always returned, regardless of the contents of the "attributes" parameter',
);
const either = about(
  '7644 3.9',
  'either of the mutually exclusive URL query parameters "attributes" or "excludedAttributes"',
);

const all = [
  'active',
  'displayName',
  'emails.primary',
  'emails.type',
  'emails.value',
  'externalId',
  'groups.display',
  'groups.type',
  'groups.value',
  'id',
  'meta.created',
  'meta.lastModified',
  'meta.location',
  'meta.resourceType',
  'meta.version',
  'name.familyName',
  'name.formatted',
  'name.givenName',
  'schemas',
  'title',
  `${enterprise}.department`,
  `${enterprise}.employeeNumber`,
  `${enterprise}.manager.displayName`,
  `${enterprise}.manager.value`,
  'userName',
];
const without = (...names: string[]) =>
  all.filter((name) => !names.some((gone) => name === gone || name.startsWith(`${gone}.`)));
const sorted = (...names: string[]) => [...always, ...names].toSorted();

const sort =
  (quote: string) =>
  (sortBy: string, sortOrder: string | undefined, expect: string[] | string, given = people): Case => ({
    section: '7644 3.4.2.3',
    quote,
    given,
    request: { sortBy, sortOrder },
    expect: typeof expect === 'string' ? wrong(expect) : expect,
  });

const people: JsonObject[] = [
  {
    id: 'b',
    userName: 'Bea',
    title: 'x',
    active: true,
    externalId: 'b',
    emails: [{ value: 'z@example.com' }, { value: 'a@example.com', primary: true }],
    meta: { created: '2026-01-02T00:00:00.000Z' },
  },
  {
    id: 'c',
    userName: 'cas',
    active: false,
    externalId: 'C',
    emails: [{ value: 'm@example.com' }],
    meta: { created: '2025-01-02T00:00:00.000Z' },
  },
  {
    id: 'a',
    userName: 'anna',
    title: 'Y',
    active: true,
    externalId: 'a',
    meta: { created: '2026-01-01T00:00:00.000Z' },
  },
];
const ascending = sort(
  'If a value for "sortBy" is provided and no "sortOrder" is specified, "sortOrder" SHALL default to ascending',
);
const orders = sort('Allowed values are "ascending" and "descending"');
const missing = sort('they are ordered last if ascending and first if descending');
const primary = sort(
  'resources are sorted by the value of the primary attribute (see Section 2.4 of [RFC7643]), if any, or else the first value in the list',
);
const cased = sort(
  'string type attributes are case insensitive by default, unless the attribute type is defined as a case-exact string',
);
const sortPath = sort('the attribute name must be a path to a sub-attribute in standard attribute notation');

const page =
  (section: string, quote: string) =>
  (asked: Record<string, string>, expect: JsonObject | string): Case => ({
    section,
    quote,
    request: { page: asked },
    expect: typeof expect === 'string' ? wrong(expect) : expect,
  });
const start = page(
  '7644 3.4.2.4',
  'The 1-based index of the first query result. A value less than 1 SHALL be interpreted as 1',
);
const count = page(
  '7644 3.4.2.4',
  'Non-negative integer. Specifies the desired maximum number of query results per page',
);
const negative = page('7644 3.4.2.4', 'A negative value SHALL be interpreted as "0"');
const unasked = page(
  '7644 3.4.2.4',
  'If unspecified, the maximum number of results is set by the service provider',
);
const first = page(
  '9865 2',
  'The cursor value MUST be empty or omitted for the first request of a cursor-paginated query',
);
const positive = page('9865 2', 'Specifies the desired maximum number of query results per page');
const between = page(
  '9865 2.1',
  "Count value must be between 0 and service provider's maxPageSize and must be equal to the count value of the initial query",
);
const below = page('9865 2', 'A negative value SHALL be interpreted as "0"');
const method = page(
  '9865 2.4',
  "clients can use the 'startIndex' or 'cursor' query parameters to request a specific method",
);

const cursor =
  (section: string, quote: string) =>
  (
    request: { cursor: string; seconds?: number; question?: string; count?: number },
    expect: string[] | string,
  ): Case => ({
    section,
    quote,
    request,
    expect: typeof expect === 'string' ? wrong(expect) : expect,
  });
const invalid = cursor(
  '9865 2.1',
  'Cursor value is invalid. Cursor value SHOULD be empty to request the first page',
);
const expired = cursor('9865 2.1', 'Cursor has expired');
const sameCount = cursor('9865 2.1', 'must be equal to the count value of the initial query');
const identical = cursor(
  '9865 2',
  'all query parameters and values being identical to the initial query with the exception of the cursor value',
);
const made = ['a', '2819c223-7f76-453a-919d-413861904646'];
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export const readingCases: Case[] = [
  attributes({}, all),
  attributes({ attributes: 'userName' }, sorted('userName')),
  attributes({ attributes: 'userName,title' }, sorted('userName', 'title')),
  attributes({ attributes: ' USERNAME , Title ' }, sorted('userName', 'title')),
  attributes({ attributes: 'name.familyName' }, sorted('name.familyName')),
  attributes({ attributes: 'emails.value' }, sorted('emails.value')),
  attributes({ attributes: 'name' }, sorted('name.familyName', 'name.formatted', 'name.givenName')),
  attributes({ attributes: 'nosuch' }, sorted()),
  attributes({ attributes: 'meta.version' }, sorted('meta.version')),
  attributes({ attributes: 'members.value' }, sorted('members.value'), tourGuides),
  excluded({ excludedAttributes: 'emails' }, without('emails')),
  excluded({ excludedAttributes: 'emails.type,name' }, without('emails.type', 'name')),
  excluded({ excludedAttributes: 'members' }, sorted('displayName'), tourGuides),
  excluded({ excludedAttributes: enterprise }, without(enterprise)),
  excluded({ excludedAttributes: `${enterprise}:manager` }, without(`${enterprise}.manager`)),
  notation({ attributes: 'urn:ietf:params:scim:schemas:core:2.0:User:title' }, sorted('title')),
  notation({ attributes: `${enterprise}:department` }, sorted(`${enterprise}.department`)),
  notation(
    { attributes: enterprise },
    [...always, ...all.filter((name) => name.startsWith(enterprise))].toSorted(),
  ),
  notation(
    { attributes: `${enterprise.toUpperCase()}:manager.value` },
    sorted(`${enterprise}.manager.value`),
  ),
  minimum({ attributes: 'title' }, sorted('title')),
  minimum({ excludedAttributes: 'id,schemas,title' }, without('title')),
  either({ attributes: 'title', excludedAttributes: 'emails' }, 'invalidValue'),

  ascending('userName', undefined, ['a', 'b', 'c']),
  orders('userName', 'descending', ['c', 'b', 'a']),
  orders('userName', 'sideways', 'invalidValue'),
  orders('meta.created', 'ascending', ['c', 'a', 'b']),
  missing('title', 'ascending', ['b', 'a', 'c']),
  missing('title', 'descending', ['c', 'a', 'b']),
  primary('emails', 'ascending', ['b', 'c', 'a']),
  primary('emails.value', 'descending', ['a', 'c', 'b']),
  cased('externalId', 'ascending', ['c', 'a', 'b']),
  cased('userName', 'ascending', ['a', 'b', 'c']),
  sortPath('nosuch', 'ascending', 'invalidPath'),
  sortPath('name', 'ascending', 'invalidPath'),

  start({ startIndex: '5' }, { by: 'index', startIndex: 5, count: 100 }),
  start({ startIndex: '0' }, { by: 'index', startIndex: 1 }),
  start({ startIndex: '-7' }, { startIndex: 1 }),
  start({ startIndex: 'one' }, 'invalidValue'),
  start({ startIndex: '1e9' }, 'invalidValue'),
  count({ count: '10' }, { by: 'index', count: 10 }),
  count({ count: '0' }, { count: 0 }),
  count({ count: '100000' }, { count: 500 }),
  count({ count: '1.5' }, 'invalidValue'),
  negative({ count: '-1' }, { count: 0 }),
  unasked({}, { by: 'index', startIndex: 1, count: 100 }),
  first({ cursor: '' }, { by: 'cursor', cursor: undefined as never, count: 100 }),
  first({ cursor: 'abc' }, { by: 'cursor', cursor: 'abc' }),
  positive({ cursor: '', count: '10' }, { count: 10 }),
  positive({ cursor: '', count: '501' }, { count: 500 }),
  between({ cursor: '', count: '0' }, { by: 'cursor', count: 0 }),
  below({ cursor: '', count: '-3' }, { by: 'cursor', count: 0 }),
  between({ cursor: '', count: 'ten' }, 'invalidCount'),
  method({ cursor: '', startIndex: '3' }, { by: 'cursor' }),
  method({ startIndex: '3' }, { by: 'index' }),
  identical({ cursor: 'made' }, made),
  identical({ cursor: 'made', question: 'another' }, 'invalidCursor'),
  sameCount({ cursor: 'made', count: 3 }, 'invalidCount'),
  invalid({ cursor: 'VZUTiyhEQJ94IR' }, 'invalidCursor'),
  invalid({ cursor: '%00' }, 'invalidCursor'),
  invalid({ cursor: encoded([1, 'x', 'a']) }, 'invalidCursor'),
  invalid({ cursor: encoded({ __proto__: [] }) }, 'invalidCursor'),
  invalid({ cursor: 'x'.repeat(9000) }, 'invalidCursor'),
  expired({ cursor: 'made', seconds: 3599 }, made),
  expired({ cursor: 'made', seconds: 3601 }, 'expiredCursor'),
];
