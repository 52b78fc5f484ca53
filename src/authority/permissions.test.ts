import { expect, test } from 'vitest';
import { builtInAdminRoles } from './permissions.ts';

const role = (key: string) => builtInAdminRoles.find((one) => one.key === key)!;

test.each(['help-desk', 'application-manager', 'auditor', 'line-manager', 'guardian'])(
  'a manager can appoint the built-in %s: it holds nothing that a manager lacks',
  (key) => {
    const manager = role('delegated-manager').permissions;
    expect(role(key).permissions.filter((permission) => !manager.includes(permission))).toEqual([]);
  },
);
