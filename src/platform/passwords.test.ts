import { expect, it } from 'vitest';
import { hashPassword, passwordProblem, verifyPassword } from './passwords.ts';

it('knows a password again, typed on another keyboard too, and no other', async () => {
  const stored = await hashPassword('zoë en de walvis');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await verifyPassword(stored, 'zoe\u0308 en de walvis')).toBe(true);
  expect(await verifyPassword(stored, 'zoe en de walvis')).toBe(false);
  expect(await verifyPassword(stored, 'x'.repeat(10_000))).toBe(false);
});

it.each([
  ['short', [], 'at least 12'],
  ['x'.repeat(257), [], 'at most 256'],
  ['aaaaaaaaaaaaa', [], 'same few'],
  ['Password2026!', [], 'tries first'],
  ['123456789012', [], 'row of keys'],
  ['qwertyuiopasdf', [], 'row of keys'],
  ['987654321098', [], 'row of keys'],
  ['a count of 12345678', [], undefined],
  ['annadevries1', ['annadevries'], 'own name'],
  ['correct horse battery', ['anna'], undefined],
] as const)('%s: %s', (password, known, problem) => {
  const found = passwordProblem(password, known);
  if (problem) expect(found).toContain(problem);
  else expect(found).toBeUndefined();
});
