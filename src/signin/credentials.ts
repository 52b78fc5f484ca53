import type { Context } from '../operation/operation.ts';
import { endSecrets } from '../platform/one-time-secrets.ts';
import { queuePassword } from '../platform/password-queue.ts';
import { hashPassword, passwordProblem, verifyPassword } from '../platform/passwords.ts';
import { refuse } from '../platform/refusals.ts';
import { type Person, setPassword } from './store.ts';

let nobodys: Promise<string> | undefined;

/**
 * The one among `people` whose password this is. With nobody there, or nobody with a password, the same work is
 * done, so that the time taken does not tell who has an account.
 */
export async function whosePassword(people: Person[], password: string): Promise<Person | undefined> {
  nobodys ??= hashPassword('the password of nobody at all');
  const able = people.filter((person) => person.passwordHash !== null);
  if (able.length === 0) await verifyPassword(await nobodys, password);
  for (const person of able) {
    if (await verifyPassword(person.passwordHash!, password)) return person;
  }
  return undefined;
}

/**
 * Sets a password, and ends every link and code that could set another one.
 * @throws Refusal `auth.password-weak` with what is wrong with it
 */
export async function choosePassword(
  { db, config }: Pick<Context, 'db' | 'config'>,
  person: Person,
  password: string,
): Promise<void> {
  const known = [person.displayName, person.email, person.email?.split('@')[0], person.userName];
  const problem = passwordProblem(
    password,
    known.filter((word) => typeof word === 'string'),
  );
  if (problem) throw refuse('auth.password-weak', { problem });
  await setPassword(db, person.userId, await hashPassword(password));
  await queuePassword(db, config.secretKeys, person.userId, password);
  await endSecrets(db, 'recovery', person.userId);
  await endSecrets(db, 'enrolment-code', person.userId);
}
