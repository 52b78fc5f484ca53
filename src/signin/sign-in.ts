import type { Kysely } from 'kysely';
import type { Context } from '../operation/operation.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { startSession } from '../platform/sessions.ts';
import { recordEnded } from './own-sessions.ts';
import { type Person, suspendedPlace, type UsableMembership, usableMemberships } from './store.ts';

/** How a person proved who they are. */
export type Means = 'password' | 'recovery' | 'code' | 'setup';

/**
 * Starts a session for a person who proved who they are, in the home membership or the first that is usable.
 * @throws Refusal `auth.no-membership`: a leaver's password still proves them, and opens nothing (I17);
 *   `auth.place-suspended`, `auth.organization-suspended`: nor does that of somebody who is kept out for now
 */
export async function signIn(
  context: Context,
  person: Person,
  means: Means,
): Promise<{ sessionId: string; membership: UsableMembership }> {
  const [membership] = await usableMemberships(context.db, person.userId);
  if (!membership) throw await noPlace(context.db, person.userId);
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

/** Why somebody who proved who they are can act nowhere. For them alone: it names where they are suspended. */
export async function noPlace(db: Kysely<DB>, userId: string): Promise<Refusal> {
  const kept = await suspendedPlace(db, userId);
  if (!kept) return refuse('auth.no-membership');
  return refuse(kept.state === 'suspended' ? 'auth.place-suspended' : 'auth.organization-suspended', {
    organization: kept.organizationName,
  });
}
