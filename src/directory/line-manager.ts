import { sql } from 'kysely';
import { inReach } from '../authority/reach.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { MembershipRow } from './store.ts';

/** Reporting lines are read this deep at most (design, section 2, point 5). */
const deepest = 16;

/**
 * A line manager is somebody of the same organization, or of one above or below, whom the actor sees, and who does
 * not report to this person. What they get by it is bounded apart (`withinLine`).
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
