import { sql } from 'kysely';
import { inReach } from '../authority/reach.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { MembershipRow } from './store.ts';

/** Reporting lines are read this deep at most (design, section 2, point 5). */
const deepest = 16;

/**
 * A line manager is somebody of the same organization, or of one above or below, whom the actor sees, and who does
 * not report to this person. What they get by it is bounded apart (`withinLines`).
 * @throws Refusal `membership.line-manager`
 */
export async function requireLineManager(
  context: Context,
  of: MembershipRow,
  lineManagerId: string,
): Promise<void> {
  const { rows } = await sql<{ fits: boolean; loops: boolean }>`
    with recursive line as (
      select l.id, l.line_manager_id, 1 as level from membership l where l.id = ${lineManagerId}
      union all
      select l.id, l.line_manager_id, line.level + 1 from line join membership l on l.id = line.line_manager_id
      where line.level < ${deepest}
    )
    select
      (l.path = any (path_ancestors(${of.path})) or ${of.path} = any (path_ancestors(l.path)))
        and l.user_id <> ${of.userId} and l.state <> 'ended' and l.ends_at > ${context.at} as fits,
      exists (select 1 from line where line.id = ${of.id}) as loops
    from membership l where l.id = ${lineManagerId} and ${inReach(context.reach('user.read'), sql`l.path`, sql`l.user_id`)}`.execute(
    context.db,
  );
  // Somebody out of reach is answered as somebody who does not exist.
  const [found] = rows;
  if (!found?.fits || found.loops) throw refuse('membership.line-manager');
}

/** Somebody, and whom to record as their line manager. */
export type Line = { membershipId: string; userId: string; path: string; lineManagerId: string };

/** The same of many people, but for lines that lead back: whose line manager it may not be. */
export async function unfitLines(context: Context, lines: readonly Line[]): Promise<Set<string>> {
  if (lines.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select x."membershipId" as id
    from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as x ("membershipId" uuid, "userId" uuid, path text, "lineManagerId" uuid)
    where not exists (
      select 1 from membership l where l.id = x."lineManagerId" and ${inReach(context.reach('user.read'), sql`l.path`, sql`l.user_id`)}
        and (l.path = any (path_ancestors(x.path)) or x.path collate "C" = any (path_ancestors(l.path)))
        and l.user_id <> x."userId" and l.state <> 'ended' and l.ends_at > ${context.at}
    )`.execute(context.db);
  return new Set(rows.map(({ id }) => id));
}

/**
 * After the lines of many were written at once.
 * @throws Refusal `membership.line-manager` where one of them leads back to whom it begins at
 */
export async function refuseCircles(
  { db }: Pick<Context, 'db'>,
  membershipIds: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ loops: boolean }>`
    with recursive line (start, id, level) as (
      select m.id, m.line_manager_id, 1 from membership m where m.id = any (${membershipIds}::uuid[]) and m.line_manager_id is not null
      union all
      select line.start, m.line_manager_id, line.level + 1 from line join membership m on m.id = line.id
      where line.id <> line.start and line.level < ${deepest} and m.line_manager_id is not null
    )
    select exists (select 1 from line where id = start) as loops`.execute(db);
  if (rows[0]!.loops) throw refuse('membership.line-manager');
}
