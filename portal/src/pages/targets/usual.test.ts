import { expect, test } from 'vitest';
import { withUsual } from './usual.ts';

const fields = [
  { key: 'tel', label: 'Telefoonnummer' },
  { key: 'staff_no', label: 'Personnel number' },
  { key: 'dept', label: 'Department' },
];
const filled = (...keys: string[]): Record<string, string> =>
  Object.fromEntries(
    withUsual(
      [],
      keys.map((key) => ({ key })),
      fields,
    ).map(({ to, pieces }) => [to, pieces.map((piece) => ('field' in piece ? piece.field : '')).join()]),
  );

test.each([
  ['LDAP', ['uid', 'cn', 'sn', 'givenName', 'mail', 'telephoneNumber', 'title', 'o', 'departmentNumber']],
  [
    'Active Directory',
    ['sAMAccountName', 'userPrincipalName', 'sn', 'telephoneNumber', 'employeeID', 'company'],
  ],
  ['SCIM', ['userName', 'familyName', 'givenName', 'email', 'phone', 'employeeNumber', 'department']],
  [
    'a table',
    ['first_name', 'last_name', 'e_mail', 'phone_number', 'start_date', 'end_date', 'personnel_number'],
  ],
])('the usual names of %s are all known', (_, keys) => {
  expect(Object.keys(filled(...keys))).toEqual(keys);
});

test('what is filled in is what the name means', () => {
  expect(
    filled('LastName', 'Phone-Number', 'employee_id', 'department', 'start', 'expires', 'nonsense'),
  ).toEqual({
    LastName: 'familyName',
    'Phone-Number': 'attribute.tel',
    employee_id: 'attribute.staff_no',
    department: 'attribute.dept',
    start: 'firstDay',
    expires: 'lastDay',
  });
});

test.each([
  ['login', { field: 'email', how: ['lower'] }],
  ['uid', { field: 'email', how: ['lower'] }],
  ['userName', { field: 'email', how: [] }],
  ['userPrincipalName', { field: 'email', how: [] }],
  // Active Directory takes no @ there
  ['sAMAccountName', { field: 'displayName', how: ['ascii', 'lower', 'login'] }],
])('%s is a whole address, or a name where no address fits', (key, piece) => {
  expect(withUsual([], [{ key }], fields)).toEqual([{ to: key, pieces: [piece] }]);
});

test('what was said stays', () => {
  const said = [{ to: 'mail', pieces: [{ text: 'x' }] }];
  expect(withUsual(said, [{ key: 'mail' }], fields)).toEqual(said);
});
