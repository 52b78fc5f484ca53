import { type Kysely, sql } from 'kysely';
import type { Permit } from '../authority/decide.ts';
import type { Context } from '../operation/operation.ts';
import { newId } from '../platform/ids.ts';
import type { DB } from '../platform/schema.gen.ts';
import { hashOf, type RequestRow } from './store.ts';

/** What one person said about one step. Kept for good; taken back within 10 s it does not count (I31). */
export type DecisionRow = {
  id: string;
  step: number;
  userId: string;
  membershipId: string | null;
  onBehalfOf: string | null;
  approve: boolean;
  note: string;
  decidedAt: Date;
  stood: Stood;
};

/** Where a request stood when somebody decided, so that the decision can be taken back. */
export type Stood = {
  step: number;
  level: number;
  levelAt: string;
  doneUntil: string;
  /** absent in what was decided before it was kept */
  pausedAt?: string | null;
  pausedLevel: number;
  pauseLeft: number;
  deadline: string;
  nextAt: string;
  dueAt?: string | undefined;
  steps: number;
  asks: string[];
  asksMembers: string[];
  asksOrganizations: string[];
};

/**
 * Those that count, in the order in which they were made: neither taken back, nor a yes about other files (I34), unless
 * the same person has said yes since, to a later step: they know what stands there now.
 */
export const decisionsOf = async (db: Kysely<DB>, requestId: string): Promise<DecisionRow[]> =>
  (await decisionsOfMany(db, [requestId])).get(requestId) ?? [];

/** The same of several requests, by request. */
export async function decisionsOfMany(
  db: Kysely<DB>,
  requestIds: readonly string[],
): Promise<Map<string, DecisionRow[]>> {
  const { rows } = await sql<DecisionRow & { requestId: string }>`
    select id, request_id as "requestId", step, user_id as "userId", membership_id as "membershipId", on_behalf_of as "onBehalfOf",
      approve, note, decided_at as "decidedAt", stood
    from request_decision d where request_id = any (${requestIds}::uuid[]) and undone_at is null
      and (outdated_at is null or exists (select 1 from request_decision l where l.request_id = d.request_id and l.user_id = d.user_id
        and l.position > d.position and l.approve and l.undone_at is null and l.outdated_at is null))
    order by position`.execute(db);
  return Map.groupBy(rows, ({ requestId }) => requestId);
}

/** The memberships in which these were made. */
export const votersOf = (decisions: readonly DecisionRow[]): string[] => [
  ...new Set(decisions.flatMap(({ membershipId }) => membershipId ?? [])),
];

export async function insertDecision(
  { db, at, user }: Pick<Context, 'db' | 'at' | 'user'>,
  row: RequestRow,
  said: { approve: boolean; note: string; permit: Permit },
): Promise<void> {
  const { userId, membershipId } = user();
  const [first] = said.permit.because;
  const stood: Stood = {
    step: row.step,
    level: row.level,
    levelAt: row.levelAt!.toISOString(),
    doneUntil: row.doneUntil!.toISOString(),
    pausedAt: row.pausedAt?.toISOString() ?? null,
    pausedLevel: row.pausedLevel,
    pauseLeft: row.pauseLeft,
    deadline: row.deadline!.toISOString(),
    nextAt: row.nextAt!.toISOString(),
    dueAt: row.dueAt?.toISOString(),
    steps: row.plan.length,
    asks: row.asks,
    asksMembers: row.asksMembers,
    asksOrganizations: row.asksOrganizations,
  };
  await sql`
    insert into request_decision (id, request_id, step, user_id, membership_id, on_behalf_of, under, approve, note, decided_at, payload_hash, files, stood)
    values (${newId(at.getTime())}, ${row.id}, ${row.step}, ${userId}, ${membershipId},
      ${first?.kind === 'approve' ? first.giverUserId : null}, ${first?.id ?? null}, ${said.approve}, ${said.note}, ${at}, ${hashOf(row)}, ${row.files}::text[],
      ${JSON.stringify(stood)}::jsonb)`.execute(db);
}

export async function takeBackDecision(db: Kysely<DB>, decision: DecisionRow, at: Date): Promise<void> {
  await sql`update request_decision set undone_at = ${at} where id = ${decision.id}`.execute(db);
}
