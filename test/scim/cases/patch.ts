import type { PatchOperation } from '../../../src/enrolment/scim/patch/patch.ts';
import type { JsonObject } from '../../../src/enrolment/scim/protocol/json.ts';
import { barbara, type Case, tourGuides, wrong } from './case.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const about =
  (section: string, quote: string) =>
  (
    patch: PatchOperation | PatchOperation[],
    expect: JsonObject | string,
    given: JsonObject = barbara,
  ): Case => ({
    section,
    quote,
    given,
    request: { patch: [patch].flat() },
    expect: expect === 'unchanged' ? 'unchanged' : typeof expect === 'string' ? wrong(expect) : expect,
  });

const add = (path: string | undefined, value: PatchOperation['value']): PatchOperation => ({
  op: 'add',
  path,
  value,
});
const replace = (path: string | undefined, value: PatchOperation['value']): PatchOperation => ({
  op: 'replace',
  path,
  value,
});
const remove = (path?: string, value?: PatchOperation['value']): PatchOperation => ({
  op: 'remove',
  path,
  value,
});

const [work, home] = barbara.emails as JsonObject[];
const [babs, mandy] = tourGuides.members as JsonObject[];
const other = { value: 'b@other.example', type: 'other' };
const ext = barbara[enterprise] as JsonObject;

const missing = about(
  '7644 3.5.2.1',
  'If the target location does not exist, the attribute and value are added',
);
const single = about(
  '7644 3.5.2.1',
  'If the target location specifies a single-valued attribute, the existing value is replaced',
);
const multi = about(
  '7644 3.5.2.1',
  'If the target location specifies a multi-valued attribute, a new value is added to the attribute',
);
const same = about(
  '7644 3.5.2.1',
  'If the target location already contains the value specified, no changes SHOULD be made to the resource',
);
const parts = about(
  '7644 3.5.2.1',
  'If the target location specifies a complex attribute, a set of sub-attributes SHALL be specified in the "value" parameter',
);
const omitted = about('7644 3.5.2.1', 'If omitted, the target location is assumed to be the resource itself');
const contains = about('7644 3.5.2.1', 'The operation MUST contain a "value" member');

const unspecified = about(
  '7644 3.5.2.2',
  'If "path" is unspecified, the operation fails with HTTP status code 400 and a "scimType" error code of "noTarget"',
);
const one = about(
  '7644 3.5.2.2',
  'If the target location is a single-value attribute, the attribute and its associated value is removed',
);
const all = about(
  '7644 3.5.2.2',
  'If the target location is a multi-valued attribute and no filter is specified, the attribute and all values are removed',
);
const matched = about('7644 3.5.2.2', 'the values matched by the filter are removed');
const records = about('7644 3.5.2.2', 'the matching records are removed');
const required = about(
  '7644 3.5.2.2',
  'If an attribute is removed or becomes unassigned and is defined as a required attribute or a read-only attribute',
);

const whole = about(
  '7644 3.5.2.3',
  'If the "path" parameter is omitted, the target is assumed to be the resource itself',
);
const value = about(
  '7644 3.5.2.3',
  'If the target location is a single-value attribute, the attributes value is replaced',
);
const values = about(
  '7644 3.5.2.3',
  'If the target location is a multi-valued attribute and no filter is specified, the attribute and all values are replaced',
);
const absent = about('7644 3.5.2.3', 'the service provider SHALL treat the operation as an "add"');
const untouched = about(
  '7644 3.5.2.3',
  'Sub-attributes that are not specified in the "value" parameter are left unchanged',
);
const every = about('7644 3.5.2.3', 'all matching record values SHALL be replaced');
const subOfEvery = about('7644 3.5.2.3', 'the matching sub-attribute of all matching records is replaced');
const nothing = about(
  '7644 3.5.2.3',
  'for which a value selection filter ("valuePath") has been supplied and no record match was made',
);

const primary = about(
  '7644 3.5.2',
  'SHALL cause the server to automatically set "primary" to "false" for any other values in the array',
);
const mutability = about(
  '7644 3.5.2',
  'A client MUST NOT modify an attribute that has mutability "readOnly" or "immutable"',
);
const sequence = about(
  '7644 3.5.2',
  'Operations are applied sequentially in the order they appear in the array',
);
const atomic = about(
  '7644 3.5.2',
  'A PATCH request, regardless of the number of operations, SHALL be treated as atomic',
);
const path = about('7644 3.12', 'The "path" attribute was invalid or malformed');
const valuePath = about('7644 3.5.2', 'PATH = attrPath / valuePath [subAttr]');

export const patchCases: Case[] = [
  missing(add('preferredLanguage', 'nl'), { preferredLanguage: 'nl' }),
  missing(add(`${enterprise}:costCenter`, '4130'), { [enterprise]: { ...ext, costCenter: '4130' } }),
  missing(
    add('name.givenName', 'Barb'),
    { name: { formatted: 'Barb J', givenName: 'Barb' } },
    { ...barbara, name: { formatted: 'Barb J' } },
  ),
  missing(add('emails', [other]), { emails: [other] }, { ...barbara, emails: [] }),
  missing(add('emails', other), { emails: [other] }, { ...barbara, emails: [] }),
  single(add('title', 'Manager'), { title: 'Manager' }),
  single(add('TITLE', 'Manager'), { title: 'Manager' }),
  single(add('name.familyName', 'Smith'), { name: { ...(barbara.name as JsonObject), familyName: 'Smith' } }),
  single(add(`${enterprise}:manager`, { value: '1' }), {
    [enterprise]: { ...ext, manager: { value: '1', displayName: 'John Smith' } },
  }),
  multi(add('emails', [other]), { emails: [work!, home!, other] }),
  multi(add('emails', [other, { value: 'c@other.example' }]), {
    emails: [work!, home!, other, { value: 'c@other.example' }],
  }),
  multi(add('members', [{ value: 'new' }]), { members: [babs!, mandy!, { value: 'new' }] }, tourGuides),
  same(add('title', 'Tour Guide'), 'unchanged'),
  same(add('emails', [home!]), 'unchanged'),
  same(add('emails', [{ value: 'BABS@JENSEN.ORG' }]), {
    emails: [work!, { ...home!, value: 'BABS@JENSEN.ORG' }],
  }),
  same(add('members', [{ value: String(babs!.value) }]), 'unchanged', tourGuides),
  same(add(undefined, { title: 'Tour Guide', active: true }), 'unchanged'),
  same(add('title', null), 'unchanged'),
  parts(add('name', { familyName: 'Smith' }), {
    name: { ...(barbara.name as JsonObject), familyName: 'Smith' },
  }),
  parts(add('name', 'Smith'), 'invalidValue'),
  parts(add('emails', 'x@y.example'), 'invalidValue'),
  omitted(add(undefined, { title: 'Manager', preferredLanguage: 'de' }), {
    title: 'Manager',
    preferredLanguage: 'de',
  }),
  omitted(add(undefined, { emails: [other] }), { emails: [work!, home!, other] }),
  omitted(add(undefined, { [enterprise]: { costCenter: '1' } }), {
    [enterprise]: { ...ext, costCenter: '1' },
  }),
  omitted(add(undefined, { name: { givenName: 'Barb' } }), {
    name: { ...(barbara.name as JsonObject), givenName: 'Barb' },
  }),
  omitted(add(undefined, { favouriteColour: 'red' }), 'unchanged'),
  omitted(add(undefined, 'title'), 'invalidValue'),
  contains({ op: 'add', path: 'title' }, 'invalidValue'),
  contains({ op: 'add' }, 'invalidValue'),
  contains({ op: 'replace', path: 'title' }, 'invalidValue'),

  unspecified(remove(), 'noTarget'),
  unspecified(remove(undefined, { title: 'Tour Guide' }), 'noTarget'),
  one(remove('title'), { title: undefined as never }),
  one(remove('name.givenName'), { name: { formatted: 'Barbara J Jensen', familyName: 'Jensen' } }),
  one(remove(`${enterprise}:manager`), {
    [enterprise]: { employeeNumber: '701984', department: 'Tour Operations' },
  }),
  one(remove('preferredLanguage'), 'unchanged'),
  one(remove('externalId'), { externalId: undefined as never }),
  all(remove('emails'), { emails: undefined as never }),
  all(remove('members'), { members: undefined as never }, tourGuides),
  all(remove('name'), { name: undefined as never }),
  matched(remove('emails[value eq "babs@jensen.org"]'), { emails: [work!] }),
  matched(remove(`members[value eq "${babs!.value}"]`), { members: [mandy!] }, tourGuides),
  matched(
    remove(`members[value eq "${babs!.value}" or value eq "${mandy!.value}"]`),
    { members: undefined as never },
    tourGuides,
  ),
  matched(remove('emails[value pr]'), { emails: undefined as never }),
  records(remove('emails[type eq "work" and value ew "example.com"]'), { emails: [home!] }),
  records(remove('emails[type eq "home"].type'), {
    emails: [work!, { value: 'babs@jensen.org', primary: false }],
  }),
  records(remove('emails[type eq "fax"]'), 'noTarget'),
  required(remove('userName'), 'mutability'),
  required(remove('displayName'), 'mutability', tourGuides),
  required(remove('groups'), 'mutability'),
  required(remove('id'), 'mutability'),
  required(remove('emails[type eq "home"].value'), 'mutability'),
  required(replace('userName', null), 'mutability'),
  required(replace('userName', ''), 'mutability'),

  whole(replace(undefined, { title: 'Manager', active: false }), { title: 'Manager', active: false }),
  whole(replace(undefined, { emails: [other] }), { emails: [other] }),
  whole(replace(undefined, { [enterprise]: { department: 'Sales' } }), {
    [enterprise]: { ...ext, department: 'Sales' },
  }),
  whole(
    replace(undefined, { displayName: 'Guides' }),
    { displayName: 'Guides', members: tourGuides.members! },
    tourGuides,
  ),
  value(replace('title', 'Manager'), { title: 'Manager' }),
  value(replace('active', false), { active: false }),
  value(replace('active', 1), 'invalidValue'),
  value(replace('title', ['Manager']), 'invalidValue'),
  value(replace('title', null), { title: undefined as never }),
  values(replace('emails', [other]), { emails: [other] }),
  values(replace('emails', []), { emails: undefined as never }),
  values(
    replace('members', [{ value: 'new' }, { value: String(babs!.value) }]),
    { members: [{ value: 'new' }, { value: String(babs!.value), display: 'Babs Jensen' }] },
    tourGuides,
  ),
  absent(replace('preferredLanguage', 'fr'), { preferredLanguage: 'fr' }),
  absent(replace(`${enterprise}:division`, 'x'), 'unchanged'),
  absent(replace(`${enterprise}:costCenter`, '12'), { [enterprise]: { ...ext, costCenter: '12' } }),
  untouched(replace('name', { familyName: 'Smith' }), {
    name: { ...(barbara.name as JsonObject), familyName: 'Smith' },
  }),
  untouched(replace(`${enterprise}:manager`, { value: '5' }), {
    [enterprise]: { ...ext, manager: { value: '5', displayName: 'John Smith' } },
  }),
  every(replace('emails[type eq "work"]', { value: 'new@example.com', type: 'work' }), {
    emails: [{ value: 'new@example.com', type: 'work' }, home!],
  }),
  every(replace('emails[value pr]', { value: 'x@y.example' }), {
    emails: [{ value: 'x@y.example' }, { value: 'x@y.example' }],
  }),
  subOfEvery(replace('emails[type eq "work"].value', 'new@example.com'), {
    emails: [{ ...work!, value: 'new@example.com' }, home!],
  }),
  subOfEvery(replace('emails[value pr].type', 'other'), {
    emails: [
      { ...work!, type: 'other' },
      { ...home!, type: 'other' },
    ],
  }),
  nothing(replace('emails[type eq "fax"]', other), 'noTarget'),
  nothing(replace('emails[type eq "fax"].value', 'x@y.example'), 'noTarget'),
  nothing(replace('members[value eq "x"].type', 'User'), 'noTarget', tourGuides),

  primary(add('emails', [{ ...other, primary: true }]), {
    emails: [{ ...work!, primary: false }, home!, { ...other, primary: true }],
  }),
  primary(replace('emails[type eq "home"].primary', true), {
    emails: [
      { ...work!, primary: false },
      { ...home!, primary: true },
    ],
  }),
  primary(
    add('emails', [
      { value: 'a@b.example', primary: true },
      { value: 'c@b.example', primary: true },
    ]),
    'invalidValue',
  ),
  mutability(replace('id', 'x'), 'mutability'),
  mutability(replace('meta.created', '2020-01-01T00:00:00Z'), 'mutability'),
  mutability(add('groups', [{ value: 'x' }]), 'mutability'),
  mutability(replace(undefined, { groups: [] }), 'mutability'),
  mutability(replace(undefined, { groups: barbara.groups! }), 'unchanged'),
  mutability(replace(`members[value eq "${babs!.value}"].value`, 'x'), 'mutability', tourGuides),
  mutability(replace(`members[value eq "${babs!.value}"].display`, 'x'), 'mutability', tourGuides),
  mutability(replace(`${enterprise}:manager.displayName`, 'x'), 'mutability'),
  sequence([replace('title', 'A'), replace('title', 'B')], { title: 'B' }),
  sequence([add('emails', [other]), remove('emails[type eq "other"]')], 'unchanged'),
  sequence([remove('emails'), add('emails', [other])], { emails: [other] }),
  atomic([replace('title', 'A'), remove('userName')], 'mutability'),
  atomic([replace('title', 'A'), replace('nosuch', 'x')], 'invalidPath'),
  path(replace('nosuch', 'x'), 'invalidPath'),
  path(replace('name.nosuch', 'x'), 'invalidPath'),
  path(replace('emails[type eq "work"', 'x'), 'invalidFilter'),
  path(replace('emails[type eq "work"]value', 'x'), 'invalidPath'),
  path(replace('emails[type eq "work"].nosuch', 'x'), 'invalidPath'),
  path(replace('title[value eq "x"]', 'x'), 'invalidPath'),
  path(replace('emails[type foo "work"].value', 'x'), 'invalidFilter'),
  path(replace('a.b.c', 'x'), 'invalidPath'),
  valuePath(replace('urn:ietf:params:scim:schemas:core:2.0:User:title', 'B'), { title: 'B' }),
  valuePath(replace(`${enterprise}:manager.value`, '7'), {
    [enterprise]: { ...ext, manager: { value: '7', displayName: 'John Smith' } },
  }),
  valuePath(replace('emails[type eq "work" and primary eq true].value', 'n@example.com'), {
    emails: [{ ...work!, value: 'n@example.com' }, home!],
  }),
  valuePath(replace(enterprise, { department: 'Sales' }), { [enterprise]: { ...ext, department: 'Sales' } }),
];
