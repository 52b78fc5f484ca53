import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { appendEvents } from '../operation/events.ts';
import type { Context } from '../operation/operation.ts';

/** What somebody looked at. */
export type Look = {
  organizationId: string | undefined;
  subjectId?: string | undefined;
  filter: Record<string, unknown>;
  /** each download is recorded; looking at a screen once an hour is enough */
  always?: boolean;
};

/**
 * Reading other people's trail is itself in the trail (I55): at most once per reader, view and hour, so that
 * paging through it does not bury what it shows. In a transaction of its own beside the read, which changes nothing.
 */
export async function recordRead(context: Context, operation: string, look: Look): Promise<void> {
  const { actor } = context;
  if (actor.kind !== 'user' && actor.kind !== 'client') return;
  const place = look.organizationId ?? actor.organizationId;
  const reader = actor.kind === 'user' ? `user:${actor.userId}` : `client:${actor.clientId}`;
  const view = createHash('sha256')
    .update(JSON.stringify([operation, place, look.subjectId, look.filter]))
    .digest('hex');
  await context.db.transaction().execute(async (trx) => {
    const { rows } = await sql`
      insert into audit_read (reader, view, hour) values (${reader}, ${view}, date_trunc('hour', ${context.at}::timestamptz))
      on conflict do nothing returning 1`.execute(trx);
    if (rows.length === 0 && !look.always) return;
    await sql`delete from audit_read where reader = ${reader} and hour < ${context.at}::timestamptz - interval '1 day'`.execute(
      trx,
    );
    const { rows: places } = await sql<{
      path: string;
    }>`select path from organization where id = ${place}`.execute(trx);
    await appendEvents(trx, { operation, actor, at: context.at, requestId: context.requestId, because: [] }, [
      {
        type: 'audit.read',
        targetKind: 'trail',
        targetId: null,
        organizationId: place,
        path: places[0]?.path ?? null,
        subjectId: look.subjectId ?? null,
        after: look.filter,
      },
    ]);
  });
}
