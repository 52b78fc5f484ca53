import { type DefinedField, groupType, userType } from '../../src/enrolment/scim/protocol/schema.ts';

/** What the organization of the cases keeps of its people. */
export const fields: DefinedField[] = [
  { key: 'department', label: 'Department', kind: 'text', choices: [], required: false },
  { key: 'employee_number', label: 'Employee number', kind: 'text', choices: [], required: false },
  { key: 'cost_center', label: 'Cost center', kind: 'text', choices: [], required: false },
  { key: 'points', label: 'Points', kind: 'number', choices: [], required: false },
  { key: 'remote', label: 'Works remotely', kind: 'boolean', choices: [], required: false },
  { key: 'shift', label: 'Shift', kind: 'choice', choices: ['Day', 'Night'], required: false },
];

export const users = userType(fields);
export const groups = groupType;
