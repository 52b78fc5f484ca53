import { expect, test } from 'vitest';
import { fileNames, guess } from './chosen-files.ts';

test('each of the six is known by its name', () => {
  expect(fileNames.map(guess)).toEqual([...fileNames]);
});

test.each([
  ['Users.CSV', 'users.csv'],
  ['2026-11 organizations (1).csv', 'organizations.csv'],
  ['acme_memberships.txt', 'memberships.csv'],
  ['people.csv', undefined],
])('%j is %j', (name, file) => {
  expect(guess(name)).toBe(file);
});
