import { type Kysely, sql } from 'kysely';
import { sendJobsAt } from '../platform/jobs.ts';
import type { DB } from '../platform/schema.gen.ts';
import { levelEnd, nextDue, type Progress } from './progress.ts';
import { askingOf, type RequestRow } from './store.ts';
import type { Calendar } from './working-time.ts';

export type Kept = { row: RequestRow; progress: Progress; calendar: Calendar };

/** The row as it stands from now on. */
export type Standing = RequestRow & Progress & { nextAt: Date };

/**
 * Writes where requests stand, whom they ask, and when they are looked at again, with the jobs that do: two statements for
 * however many. A request whose instant stays the same has its job already.
 */
export async function keepMany(db: Kysely<DB>, kept: readonly Kept[]): Promise<Standing[]> {
  if (kept.length === 0) return [];
  const after = kept.map(({ row, progress, calendar }) => {
    const approvers = askingOf({ ...row, ...progress }).approvers;
    return {
      ...row,
      ...progress,
      nextAt: nextDue(row.plan, progress, calendar).at,
      dueAt: levelEnd(row.plan, progress, calendar),
      asks: [
        ...new Set(approvers.map((one) => (one.kind === 'holders' ? `holders ${one.permission}` : one.kind))),
      ],
      asksMembers: approvers.flatMap((one) => (one.kind === 'people' ? one.membershipIds : [])),
      asksOrganizations: approvers.flatMap((one) => (one.kind === 'members' ? one.organizationId : [])),
    };
  });
  await sql`
    update request q set plan = r.plan, step = r.step, level = r.level, level_at = r."levelAt", done_until = r."doneUntil",
      paused_at = r."pausedAt", paused_level = r."pausedLevel", pause_left = r."pauseLeft", deadline = r.deadline,
      next_at = r."nextAt", due_at = r."dueAt", asks = array(select jsonb_array_elements_text(r.asks)),
      asks_members = array(select jsonb_array_elements_text(r."asksMembers")::uuid),
      asks_organizations = array(select jsonb_array_elements_text(r."asksOrganizations")::uuid)
    from jsonb_to_recordset(${JSON.stringify(after.map(stored))}::jsonb) as r (id uuid, plan jsonb, step int, level int,
      "levelAt" timestamptz, "doneUntil" timestamptz, "pausedAt" timestamptz, "pausedLevel" bigint, "pauseLeft" bigint,
      deadline timestamptz, "nextAt" timestamptz, "dueAt" timestamptz, asks jsonb, "asksMembers" jsonb, "asksOrganizations" jsonb)
    where q.id = r.id`.execute(db);
  await sendJobsAt(
    db,
    'request',
    after.flatMap(({ id, nextAt }, n) =>
      nextAt.getTime() === kept[n]!.row.nextAt?.getTime() ? [] : { data: { requestId: id }, at: nextAt },
    ),
  );
  return after;
}

const columns = [
  'id',
  'plan',
  'step',
  'level',
  'levelAt',
  'doneUntil',
  'pausedAt',
  'pausedLevel',
  'pauseLeft',
  'deadline',
  'nextAt',
  'dueAt',
  'asks',
  'asksMembers',
  'asksOrganizations',
] as const satisfies readonly (keyof Standing)[];

const stored = (standing: Standing): object =>
  Object.fromEntries(columns.map((column) => [column, standing[column]]));
