import { sql } from 'kysely';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';

/**
 * Ends one of the caller's own sessions; with it go its sign-ons to applications, which rest on it.
 * @throws Refusal `not-found` for another person's session as for none
 */
export async function endOwnSession(context: Context, sessionId: string): Promise<void> {
  const { userId } = context.user();
  const { numAffectedRows } = await sql`update session set ended_at = remit_now()
    where id = ${sessionId} and user_id = ${userId} and ended_at is null`.execute(context.db);
  if (Number(numAffectedRows ?? 0) === 0) throw refuse('not-found');
  recordEnded(context, sessionId);
}

/** Ends all sessions of the caller but the one that is speaking; returns how many. */
export async function endOtherSessions(context: Context): Promise<number> {
  const { userId, sessionId } = context.user();
  const { rows } = await sql<{ id: string }>`update session set ended_at = remit_now()
    where user_id = ${userId} and id is distinct from ${sessionId}::uuid and ended_at is null and expires_at > remit_now()
    returning id`.execute(context.db);
  for (const { id } of rows) recordEnded(context, id);
  return rows.length;
}

function recordEnded(context: Context, sessionId: string): void {
  const { userId, organizationId, path } = context.user();
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
