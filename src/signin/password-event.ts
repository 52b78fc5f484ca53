import type { Context } from '../operation/operation.ts';
import type { Person } from './store.ts';

/** That a password is another one now, and by which way; never anything of the password. */
export function recordPassword(
  context: Context,
  person: Person,
  means: 'change' | 'recovery' | 'code' | 'setup',
): void {
  context.record({
    type: 'password.changed',
    targetKind: 'user',
    targetId: person.userId,
    organizationId: person.homeOrganizationId,
    path: person.homePath,
    subjectId: person.userId,
    after: { userId: person.userId, means },
  });
}
