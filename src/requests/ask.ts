import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { giveEvents } from '../access/give.ts';
import { type Context, userOf } from '../operation/operation.ts';
import { newId } from '../platform/ids.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { willWantAttachment } from './attachments.ts';
import { begin, courseEvents } from './course.ts';
import { decidersOf, whoDecides } from './deciders.ts';
import type { Wanted } from './kinds/kind.ts';
import { payloadHash, sameness } from './kinds/payload-hash.ts';
import { mayRead } from './reading.ts';
import { type RequestRow, readRequest, stateOf } from './store.ts';
import { requestView, viewOf } from './view.ts';

/** Event types that an operation has to declare which asks. */
export const askEvents = ['request.created', ...courseEvents, ...giveEvents] as const;

export const askedView = requestView.extend({
  created: z.boolean().describe('False when it was asked for already and waits.'),
  whoDecides,
  wantsAttachment: z
    .boolean()
    .describe('It is not approved without a file, and has none: you can add it now (`request.attach`).'),
});

export type Opened = { row: RequestRow; created: boolean };

/** Opens a request for what somebody wants, or finds the one that waits already: asking twice is one request. */
export async function openRequest(context: Context, wanted: Wanted): Promise<Opened> {
  const { db, at } = context;
  const id = newId(at.getTime());
  const same = wanted.same === undefined ? null : sameness(wanted.same);
  const { rows } = await sql`
    insert into request (id, kind, payload, payload_hash, gives, same, requester_id, membership_id, organization_id, path,
      entitlement_id, access_role_id, entitlement_ids, reason, ends_at)
    values (${id}, ${wanted.kind}, ${JSON.stringify(wanted.payload)}::jsonb, ${payloadHash(wanted)}, ${wanted.gives}::text[], ${same},
      ${userOf(context)?.userId ?? null}, ${wanted.membershipId}, ${wanted.organizationId}, ${wanted.path}, ${wanted.entitlementId},
      ${wanted.accessRoleId}, ${wanted.entitlementIds}::uuid[], ${wanted.reason}, ${wanted.endsAt})
    on conflict do nothing returning 1`.execute(db);
  if (rows.length === 0) {
    const waiting = await waitingFor(db, wanted, same);
    return { row: (await readRequest(db, waiting))!, created: false };
  }
  await notTooMany(context);
  const row = (await readRequest(db, id))!;
  context.record({
    type: 'request.created',
    targetKind: 'request',
    targetId: id,
    organizationId: wanted.organizationId,
    path: wanted.path,
    // About nobody else it is the asker's own.
    subjectId: wanted.subjectId ?? row.requesterId,
    after: stateOf(row),
    personal: { reason: wanted.reason },
  });
  return { row: await begin(context, row), created: true };
}

/** What one person may have waiting at a time: nobody fills the lists of those who decide (I59). */
const mostOpen = 200;

/** @throws Refusal `request.too-many` */
async function notTooMany(context: Context): Promise<void> {
  const { rows } = await sql<{ many: boolean }>`
    select count(*) > ${mostOpen} as many from request where requester_id = ${userOf(context)?.userId ?? null} and state = 'open'`.execute(
    context.db,
  );
  if (rows[0]!.many) throw refuse('request.too-many', { limit: mostOpen });
}

/** The request for the same that waits already. */
async function waitingFor(db: Kysely<DB>, wanted: Wanted, same: string | null): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select q.id from request q where q.state = 'open' and q.kind = ${wanted.kind} and ${
      same === null
        ? sql`q.membership_id = ${wanted.membershipId} and coalesce(q.entitlement_id, q.access_role_id) = ${wanted.entitlementId ?? wanted.accessRoleId}`
        : sql`q.same = ${same}`
    }`.execute(db);
  // Decided or withdrawn in the instant between: asking again is right.
  if (!rows[0]) throw refuse('server.busy');
  return rows[0].id;
}

/** Asks, and answers as the asker sees it. */
export async function asked(context: Context, wanted: Wanted): Promise<z.infer<typeof askedView>> {
  const { row, created } = await openRequest(context, wanted);
  if (!created) context.nothingChanged();
  const known = created || (await mayRead(context, row)).may;
  const view = known
    ? viewOf(row, context.facts)
    : { ...viewOf(asWanted(context, row, wanted), context.facts), requestedBy: null };
  return {
    ...view,
    created,
    whoDecides: await decidersOf(context.db, row),
    // whoever asked for the same after another is told nothing of it
    wantsAttachment: isConcerned(context, row) && willWantAttachment(row),
  };
}

const isConcerned = (context: Context, { requesterId, userId }: RequestRow): boolean =>
  [requesterId, userId].includes(context.user().userId);

/** Another asked for the same before: it waits, and what they wrote is not for whoever asks again (I06). */
function asWanted({ at }: Context, row: RequestRow, { payload, reason, endsAt }: Wanted): RequestRow {
  const name = payload.displayName ?? payload.name;
  return {
    ...row,
    payload,
    reason,
    endsAt,
    requesterId: null,
    createdAt: at,
    ...(row.membershipId === null ? { displayName: String(name ?? ''), name: String(name ?? '') } : {}),
  };
}
