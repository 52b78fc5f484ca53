import type { ConnectorField } from './connector.ts';

/** What is told of a person where the other side has no fields of its own: the usual ones, none of them a must. */
export const personValues: readonly ConnectorField[] = [
  { key: 'userName', label: 'User name', kind: 'text' },
  { key: 'displayName', label: 'Name shown', kind: 'text' },
  { key: 'givenName', label: 'Given name', kind: 'text' },
  { key: 'familyName', label: 'Family name', kind: 'text' },
  { key: 'email', label: 'E-mail', kind: 'text' },
  { key: 'phone', label: 'Phone', kind: 'text' },
  { key: 'title', label: 'Title', kind: 'text' },
  { key: 'organization', label: 'Organization', kind: 'text' },
  { key: 'employeeNumber', label: 'Employee number', kind: 'text' },
  { key: 'language', label: 'Language', kind: 'text' },
];
