import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { startSession } from '../platform/sessions.ts';
import { recordEnded } from './own-sessions.ts';
import { type Person, type UsableMembership, usableMemberships } from './store.ts';

/** How a person proved who they are. */
export type Means = 'password' | 'recovery' | 'code' | 'setup';

/**
 * Starts a session for a person who proved who they are, in the home membership or the first that is usable.
 * @throws Refusal `auth.no-membership`: a leaver's password still proves them, and opens nothing (I17)
 */
export async function signIn(
  context: Context,
  person: Person,
  means: Means,
): Promise<{ sessionId: string; membership: UsableMembership }> {
  const [membership] = await usableMemberships(context.db, person.userId);
  if (!membership) throw refuse('auth.no-membership');
  const { sessionId, cookie, ended } = await startSession(context.db, {
    userId: person.userId,
    membershipId: membership.id,
    caller: context.caller,
  });
  context.reply.cookies.push(cookie);
  if (ended) recordEnded(context, [ended], membership);
  context.record({
    type: 'session.created',
    targetKind: 'session',
    targetId: sessionId,
    organizationId: membership.organizationId,
    path: membership.path,
    subjectId: person.userId,
    after: { id: sessionId, userId: person.userId, membershipId: membership.id, means },
    personal: { address: context.caller.address, userAgent: context.caller.userAgent },
  });
  return { sessionId, membership };
}
