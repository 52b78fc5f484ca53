import { expect, test } from 'vitest';
import { permissionNames } from '../../../src/authority/permissions.ts';
import { router } from '../router.ts';
import { navigation, placesFor } from './navigation.ts';

test('every place leads to a page', () => {
  const paths = Object.keys(router.routesByPath);
  expect(navigation.map(({ to }) => to).filter((to) => !paths.includes(to))).toEqual([]);
});

test('somebody who looks after nothing sees only what is their own', () => {
  expect(new Set(placesFor([], false).map(({ group }) => group))).toEqual(new Set(['mine']));
});

test('somebody who may do everything sees everything', () => {
  expect(placesFor(permissionNames, true)).toEqual([...navigation]);
});

test('only line managers see their team', () => {
  expect(placesFor(permissionNames, false).map(({ key }) => key)).not.toContain('team');
});
