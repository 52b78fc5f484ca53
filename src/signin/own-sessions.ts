import { sql } from 'kysely';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { type EndedSession, endSessions, endWhere } from '../platform/sessions.ts';

/**
 * Ends one of the caller's own sessions; with it go its sign-ons to applications, which rest on it.
 * @throws Refusal `not-found` for another person's session as for none
 */
export async function endOwnSession(context: Context, sessionId: string): Promise<void> {
  const { userId } = context.user();
  const ended = await endWhere(context.db, sql`id = ${sessionId} and user_id = ${userId}`);
  if (ended.length === 0) throw refuse('not-found');
  recordEnded(context, ended, context.user());
}

/** Ends all sessions of the caller but the one that is speaking; returns how many. */
export async function endOtherSessions(context: Context): Promise<number> {
  const { userId, sessionId } = context.user();
  const ended = await endSessions(context.db, userId, sessionId);
  recordEnded(context, ended, context.user());
  return ended.length;
}

/** One event for each session that ended, in the place of the person. */
export function recordEnded(
  context: Context,
  ended: readonly EndedSession[],
  { organizationId, path }: { organizationId: string | null; path: string | null },
): void {
  for (const { sessionId, userId } of ended)
    context.record({
      type: 'session.ended',
      targetKind: 'session',
      targetId: sessionId,
      organizationId,
      path,
      subjectId: userId,
      after: { id: sessionId, userId, endedAt: context.at.toISOString() },
    });
}
