import type { Json, JsonObject } from '../../../src/enrolment/scim/protocol/json.ts';
import { type Case, wrong } from './case.ts';

const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const own = 'urn:remit:params:scim:schemas:extension:1.0:User';

const user =
  (section: string, quote: string) =>
  (body: Json, expect: Partial<JsonObject> | string): Case => ({
    section,
    quote,
    request: {
      body:
        typeof body === 'object' && body !== null && !Array.isArray(body)
          ? { schemas: [core], userName: 'u', ...body }
          : body,
    },
    expect: typeof expect === 'string' ? wrong(expect) : expect,
  });
const bare =
  (section: string, quote: string) =>
  (body: Json, expect: Partial<JsonObject> | string): Case => ({
    section,
    quote,
    request: { body },
    expect: typeof expect === 'string' ? wrong(expect) : expect,
  });
const group =
  (section: string, quote: string) =>
  (groupBody: Json, expect: Partial<JsonObject> | string): Case => ({
    section,
    quote,
    request: { groupBody },
    expect: typeof expect === 'string' ? wrong(expect) : expect,
  });
const groupSchema = ['urn:ietf:params:scim:schemas:core:2.0:Group'];

const none = { title: undefined as never };
const unassigned = user(
  '7643 2.5',
  'Unassigned attributes, the null value, or an empty array (in the case of a multi-valued attribute) SHALL be considered to be equivalent in "state"',
);
const boolean = user('7643 2.3.2', 'The literal "true" or "false"');
const decimal = user(
  '7643 2.3.3',
  'A real number with at least one digit to the left and right of the period',
);
const text = user('7643 2.3.1', 'A sequence of zero or more Unicode characters encoded using UTF-8');
const complex = user(
  '7643 2.3.8',
  'A singular or multi-valued attribute whose value is a composition of one or more simple attributes',
);
const several = user('7643 2.4', 'multi-valued attributes contain a list of elements');
const primary = user('7643 2.4', 'the primary attribute value "true" MUST appear no more than once');
const twice = user(
  '7643 2.4',
  'SHOULD NOT return the same (type, value) combination more than once per attribute',
);
const names = user('7643 2.1', 'Attribute names are case insensitive');
const readOnly = user(
  '7644 3.3',
  'attributes whose mutability is "readOnly" (see Sections 2.2 and 7 of [RFC7643]) SHALL be ignored',
);
const ignored = user('7643 2.2', '"mutability" is "readWrite" (i.e., modifiable)');
const schemas = bare('7643 3', 'each String value MUST be a unique URI');
const extension = user('7643 3.3', 'the "schemas" attribute');
const required = bare('7643 4.1.1', 'This attribute is REQUIRED and is case insensitive');
const emails = user('7643 4.1.2', 'Email addresses for the User');
const password = user(
  '7643 4.1.1',
  'The cleartext value or the hashed value of a password SHALL NOT be returnable',
);
const manager = user('7643 4.3', 'The "id" of the SCIM resource representing the User\'s manager');
const department = user('7643 4.3', 'Identifies the name of a department');
const choices = user('7643 7', 'A collection of suggested canonical values that MAY be used');
const displayName = group('7643 4.2', 'A human-readable name for the Group. REQUIRED');
const members = group('7643 4.2', 'A list of members of the Group');
const nested = group(
  '7643 4.2',
  'Service providers MAY require clients to provide a non-empty value by setting the "required" attribute characteristic',
);
const syntax = bare(
  '7644 3.12',
  'The request body message structure was invalid or did not conform to the request schema',
);
const invalid = user(
  '7644 3.12',
  'A required value was missing, or the value specified was not compatible with the operation or attribute type',
);

const declared =
  (section: string, quote: string) =>
  (name: string, expect: JsonObject): Case => ({ section, quote, request: { declared: name }, expect });
const characteristics = declared(
  '7643 2.2',
  'If not otherwise stated in Section 7, SCIM attributes have the following characteristics',
);
const shown = declared(
  '7643 7',
  'A single keyword that indicates when an attribute and associated values are returned',
);
const mutable = declared(
  '7643 7',
  'A single keyword indicating the circumstances under which the value of the attribute can be (re)defined',
);
const uniqueness = declared(
  '7643 7',
  'A single keyword value that specifies how the service provider enforces uniqueness of attribute values',
);

export const bodyCases: Case[] = [
  unassigned({ title: null }, none),
  unassigned({ title: '' }, none),
  unassigned({ emails: [] }, { emails: undefined as never }),
  unassigned({ emails: [{}] }, { emails: undefined as never }),
  unassigned({ name: { familyName: null } }, { name: undefined as never }),
  boolean({ active: true }, { active: true }),
  boolean({ active: 'true' }, 'invalidValue'),
  boolean({ active: 1 }, 'invalidValue'),
  decimal({ [own]: { attributes: { points: 1.5 } } }, { [own]: { attributes: { points: 1.5 } } }),
  decimal({ [own]: { attributes: { points: '1.5' } } }, 'invalidValue'),
  text({ title: 'Ünïcödé 👩‍🚀' }, { title: 'Ünïcödé 👩‍🚀' }),
  text({ title: 5 }, 'invalidValue'),
  text({ title: 'a\u0000b' }, 'invalidValue'),
  text({ title: 'a\ud800' }, 'invalidValue'),
  text({ title: 'x'.repeat(4001) }, 'invalidValue'),
  complex({ name: { familyName: 'J', givenName: 'B' } }, { name: { familyName: 'J', givenName: 'B' } }),
  complex({ name: 'Barbara' }, 'invalidValue'),
  complex({ name: ['Barbara'] }, 'invalidValue'),
  complex({ name: { familyName: { value: 'J' } } }, 'invalidValue'),
  several(
    { emails: [{ value: 'a@b.example' }, { value: 'c@b.example' }] },
    { emails: [{ value: 'a@b.example' }, { value: 'c@b.example' }] },
  ),
  several({ emails: ['a@b.example'] }, 'invalidValue'),
  primary(
    {
      emails: [
        { value: 'a@b.example', primary: true },
        { value: 'c@b.example', primary: true },
      ],
    },
    'invalidValue',
  ),
  primary(
    {
      emails: [
        { value: 'a@b.example', primary: true },
        { value: 'c@b.example', primary: false },
      ],
    },
    {
      emails: [
        { value: 'a@b.example', primary: true },
        { value: 'c@b.example', primary: false },
      ],
    },
  ),
  twice(
    {
      emails: [
        { value: 'a@b.example', type: 'work' },
        { value: 'a@b.example', type: 'work' },
      ],
    },
    { emails: [{ value: 'a@b.example', type: 'work' }] },
  ),
  names({ TITLE: 'x', Name: { FAMILYNAME: 'J' } }, { title: 'x', name: { familyName: 'J' } }),
  names({ [enterprise.toUpperCase()]: { DEPARTMENT: 'x' } }, { [enterprise]: { department: 'x' } }),
  readOnly({ id: 'mine' }, { id: undefined as never }),
  readOnly({ meta: { created: '2020-01-01T00:00:00Z' } }, { meta: undefined as never }),
  readOnly({ groups: [{ value: 'x' }] }, { groups: undefined as never }),
  readOnly(
    { [enterprise]: { manager: { value: '1', displayName: 'x' } } },
    { [enterprise]: { manager: { value: '1' } } },
  ),
  ignored({ externalId: 'e', title: 't' }, { externalId: 'e', title: 't' }),
  ignored({ favouriteColour: 'red' }, { favouriteColour: undefined as never }),
  schemas({ userName: 'u' }, 'invalidSyntax'),
  schemas({ schemas: [], userName: 'u' }, 'invalidSyntax'),
  schemas({ schemas: [core.toUpperCase()], userName: 'u' }, { schemas: [core] }),
  schemas({ schemas: ['urn:example:other'], userName: 'u' }, 'invalidSyntax'),
  extension({ [enterprise]: { department: 'x' } }, { schemas: [core, enterprise] }),
  extension({ [enterprise]: {} }, { schemas: [core], [enterprise]: undefined as never }),
  extension({ [own]: { firstDay: '2026-12-01' } }, { schemas: [core, own] }),
  extension({ [enterprise]: 'x' }, 'invalidValue'),
  required({ schemas: [core] }, 'invalidValue'),
  required({ schemas: [core], userName: '' }, 'invalidValue'),
  required({ schemas: [core], username: 'u' }, { userName: 'u' }),
  emails(
    { emails: [{ value: 'a@b.example', type: 'work', display: 'mine' }] },
    { emails: [{ value: 'a@b.example', type: 'work' }] },
  ),
  emails({ emails: [{ type: 'work' }] }, 'invalidValue'),
  emails({ emails: { value: 'a@b.example' } }, { emails: [{ value: 'a@b.example' }] }),
  password({ password: 't1meMa$heen' }, { password: undefined as never }),
  manager(
    { [enterprise]: { manager: { value: '26118915' } } },
    { [enterprise]: { manager: { value: '26118915' } } },
  ),
  manager({ [enterprise]: { manager: '26118915' } }, 'invalidValue'),
  department(
    { [enterprise]: { department: 'Tour Operations', division: 'not kept' } },
    { [enterprise]: { department: 'Tour Operations' } },
  ),
  choices(
    { emails: [{ value: 'a@b.example', type: 'holiday' }] },
    { emails: [{ value: 'a@b.example', type: 'holiday' }] },
  ),
  choices({ [own]: { attributes: { shift: 'Night' } } }, { [own]: { attributes: { shift: 'Night' } } }),
  choices({ [own]: { attributes: { shift: 'Noon' } } }, 'invalidValue'),
  displayName({ schemas: groupSchema, displayName: 'Guides' }, { displayName: 'Guides' }),
  displayName({ schemas: groupSchema }, 'invalidValue'),
  members(
    { schemas: groupSchema, displayName: 'G', members: [{ value: '1', display: 'x' }] },
    { members: [{ value: '1' }] },
  ),
  members(
    { schemas: groupSchema, displayName: 'G', members: [{ value: '1', type: 'user' }] },
    { members: [{ value: '1', type: 'User' }] },
  ),
  members(
    { schemas: groupSchema, displayName: 'G', members: [{ display: 'x' }] },
    { members: undefined as never },
  ),
  members({ schemas: groupSchema, displayName: 'G', members: ['1'] }, 'invalidValue'),
  nested(
    { schemas: groupSchema, displayName: 'G', members: [{ value: '1', type: 'Group' }] },
    'invalidValue',
  ),
  nested({ schemas: groupSchema, displayName: 'G', members: [] }, { members: undefined as never }),
  syntax('text', 'invalidSyntax'),
  syntax([], 'invalidSyntax'),
  syntax(null, 'invalidSyntax'),
  invalid({ userName: 5 }, 'invalidValue'),
  invalid({ emails: 5 }, 'invalidValue'),
  characteristics('core:2.0:User:title', {
    type: 'string',
    multiValued: false,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
  }),
  characteristics('core:2.0:User:emails', { type: 'complex', multiValued: true }),
  characteristics('core:2.0:User:active', { type: 'boolean' }),
  characteristics('enterprise:2.0:User:manager', { type: 'complex', multiValued: false }),
  shown('core:2.0:User:userName', { returned: 'default', required: true }),
  mutable('core:2.0:User:groups', { mutability: 'readOnly' }),
  mutable('core:2.0:Group:members.value', { mutability: 'immutable' }),
  mutable('core:2.0:Group:members.display', { mutability: 'readOnly' }),
  mutable('enterprise:2.0:User:manager.displayName', { mutability: 'readOnly' }),
  uniqueness('core:2.0:User:userName', { uniqueness: 'server', caseExact: false }),
  uniqueness('core:2.0:Group:displayName', { uniqueness: 'server' }),
];
