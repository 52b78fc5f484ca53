import { type Kysely, sql } from 'kysely';
import type { Actor } from '../authority/facts.ts';
import { prepared } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Change } from './operation.ts';

/** One change as it stands in the trail. */
export type StoredEvent = {
  id: string;
  position: number;
  at: Date;
  type: string;
  operation: string;
  actorKind: Actor['kind'];
  actorId: string | null;
  actorMembershipId: string | null;
  onBehalfOf: string | null;
  delegations: string[];
  organizationId: string | null;
  path: string | null;
  targetKind: string;
  targetId: string | null;
  subjectId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  personal: Record<string, unknown> | null;
  requestId: string | null;
};

export const eventColumns = sql`
  e.id, e.position, e.at, e.type, e.operation, e.actor_kind as "actorKind", e.actor_id as "actorId",
  e.actor_membership_id as "actorMembershipId", e.on_behalf_of as "onBehalfOf", e.delegations,
  e.organization_id as "organizationId", e.path, e.target_kind as "targetKind", e.target_id as "targetId",
  e.subject_id as "subjectId", e.before, e.after, e.personal, e.request_id as "requestId"`;

export async function readEvent(db: Kysely<DB>, eventId: string): Promise<StoredEvent | undefined> {
  const { rows } =
    await sql<StoredEvent>`select ${eventColumns} from event e where e.id = ${eventId}`.execute(db);
  return rows[0];
}

export type EventSource = { operation: string; actor: Actor; at: Date; requestId: string; because: string[] };

const actorIdOf = (actor: Actor): string | null =>
  actor.kind === 'user' ? actor.userId : actor.kind === 'client' ? actor.clientId : null;

/** Rows a statement; a take-over writes tens of thousands, and one statement each would double its time. */
const batch = 2000;

/**
 * Appends events in order, in the transaction of the changes themselves (law 5), set-based. `at` is the time of
 * the facts that permitted the change.
 */
export async function appendEvents(
  db: Kysely<DB>,
  source: EventSource,
  changes: readonly Change[],
): Promise<{ id: string; type: string }[]> {
  const appended: { id: string; type: string }[] = [];
  for (let start = 0; start < changes.length; start += batch) {
    const rows = changes.slice(start, start + batch).map((change) => ({
      id: newId(source.at.getTime()),
      type: change.type,
      delegations: change.because?.map((link) => link.id) ?? source.because,
      organization_id: change.organizationId,
      path: change.path,
      target_kind: change.targetKind,
      target_id: change.targetId,
      subject_id: change.subjectId ?? null,
      before: change.before ?? null,
      after: change.after ?? null,
      personal: change.personal ?? null,
      on_behalf_of: change.onBehalfOf ?? null,
    }));
    await sql`${prepared}
      insert into event (id, at, type, operation, actor_kind, actor_id, actor_membership_id, on_behalf_of, delegations,
        organization_id, path, target_kind, target_id, subject_id, before, after, personal, request_id)
      select r.id, ${source.at}, r.type, ${source.operation}, ${source.actor.kind}, ${actorIdOf(source.actor)}::uuid,
        ${source.actor.kind === 'user' ? source.actor.membershipId : null}::uuid, r.on_behalf_of,
        array(select jsonb_array_elements_text(r.delegations)::uuid), r.organization_id, r.path, r.target_kind, r.target_id,
        r.subject_id, r.before, r.after, r.personal, ${source.requestId}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, type text, on_behalf_of uuid, delegations jsonb,
        organization_id uuid, path text, target_kind text, target_id uuid, subject_id uuid, before jsonb, after jsonb, personal jsonb)`.execute(
      db,
    );
    for (const row of rows) appended.push({ id: row.id, type: row.type });
  }
  return appended;
}
