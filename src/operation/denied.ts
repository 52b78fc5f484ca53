import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import type { Actor } from '../authority/facts.ts';
import type { Permission } from '../authority/permissions.ts';
import type { Refusal } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { appendEvents } from './events.ts';
import type { AnyOperation, Context } from './operation.ts';

/** Attempts of one actor that are kept in an hour; a flood adds nothing to what the first ones say. */
export const mostDeniedAnHour = 30;

/** What was refused; `target` only where the actor could see it. */
type Denied = { permission: Permission; target: Target | undefined };

const denials = new WeakMap<Refusal, Denied>();

/** Remembers with a refusal what it was that the actor may not do. */
export function denied(refusal: Refusal, permission: Permission, target?: Target): Refusal {
  denials.set(refusal, { permission, target });
  return refusal;
}

/**
 * Records that somebody tried an administrative act that they may not do (I51), beside the transaction that was
 * abandoned. Each act on the same thing once an hour, and so many an hour, so that nobody floods the trail. What the
 * actor could not see is not named: the event then stands where the actor does. `preview`: they only looked what it would do.
 */
export async function recordDenied(
  db: Kysely<DB>,
  declared: AnyOperation,
  context: Context | undefined,
  { actor, at, requestId }: { actor: Actor; at: Date; requestId: string },
  refusal: Refusal,
  preview = declared.effect === 'reading',
): Promise<void> {
  if (typeof declared.needs !== 'object' || (actor.kind !== 'user' && actor.kind !== 'client')) return;
  const noted = denials.get(refusal);
  if (!noted && refusal.kind !== 'forbidden') return;
  const { permission, target } = noted ?? {
    permission: declared.needs.permission as Permission,
    target: targetOf(declared, context),
  };
  const reader = `denied:${actor.kind}:${actor.kind === 'user' ? actor.userId : actor.clientId}`;
  const view = createHash('sha256')
    .update(JSON.stringify([declared.name, permission, target?.kind, target?.id, preview]))
    .digest('hex');
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql`
      insert into audit_read (reader, view, hour) select ${reader}, ${view}, date_trunc('hour', ${at}::timestamptz)
      where (select count(*) from audit_read k where k.reader = ${reader} and k.hour = date_trunc('hour', ${at}::timestamptz)) < ${mostDeniedAnHour}
      on conflict do nothing returning 1`.execute(trx);
    if (rows.length === 0) return;
    await sql`delete from audit_read where reader = ${reader} and hour < ${at}::timestamptz - interval '1 day'`.execute(
      trx,
    );
    await appendEvents(trx, { operation: declared.name, actor, at, requestId, because: [] }, [
      {
        type: 'attempt.denied',
        // Not the thing itself: whoever asks for the last thing done to it means what was done.
        targetKind: 'attempt',
        targetId: null,
        organizationId: target ? target.organizationId || null : actor.organizationId,
        path: target ? target.path : actor.path,
        subjectId: target ? (target.userId ?? null) : actor.kind === 'user' ? actor.userId : null,
        after: {
          permission,
          code: refusal.code,
          ...(preview ? { preview } : {}),
          ...(target ? { kind: target.kind, id: target.id } : {}),
        },
      },
    ]);
  });
}

/** The target that the pipeline permitted before `run` refused on grounds of its own. */
function targetOf(declared: AnyOperation, context: Context | undefined): Target | undefined {
  return context && typeof declared.needs === 'object' && 'target' in declared.needs
    ? context.target
    : undefined;
}
