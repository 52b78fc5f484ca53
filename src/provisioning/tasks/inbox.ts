import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../../operation/operation.ts';
import { decodeCursor, toPage } from '../../platform/paging.ts';
import { askingOf, mayDo, notAbout } from './asking.ts';
import { isLive, readTasks, type TaskRow } from './store.ts';

/**
 * The open tasks that somebody may do: who may is a matter of the target and of how far a task has come, so it is asked
 * once for each of these, by the same rule as a task's own (I07), and SQL finds theirs.
 */
async function mine(context: Context): Promise<RawBuilder<unknown> | undefined> {
  const { db, facts } = context;
  if (facts.actor.kind !== 'user' || facts.noStanding) return undefined;
  const { rows } = await sql<
    Pick<TaskRow, 'targetId' | 'organizationId' | 'path' | 'off' | 'settings'> & { levels: number[] }
  >`select t.id as "targetId", t.organization_id as "organizationId", o.path, place_is_off(o.path) as off, t.settings,
      array_agg(distinct k.level) as levels
    from hand_task k join account a on a.id = k.account_id join target t on t.id = k.target_id
    join organization o on o.id = t.organization_id where ${isLive} group by t.id, o.path`.execute(db);
  const parts: RawBuilder<unknown>[] = [];
  for (const { levels, ...target } of rows) {
    const asking = await askingOf(db, target);
    const own = levels.filter((level) => mayDo(facts, asking(level)));
    if (own.length > 0) parts.push(sql`(k.target_id = ${target.targetId} and k.level = any (${own}::int[]))`);
  }
  if (parts.length === 0) return undefined;
  return sql`${isLive} and (${sql.join(parts, sql` or `)}) and a.user_id <> all (${notAbout(facts)}::uuid[])`;
}

export async function pageOfTasks(
  context: Context,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ items: TaskRow[]; next?: string }> {
  const which = await mine(context);
  if (!which) return { items: [] };
  const after = decodeCursor(cursor, ['instant', 'uuid']);
  const items = await readTasks(
    context.db,
    sql`where ${which} ${after ? sql`and (k.due_at, k.id) > (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
      order by k.due_at, k.id limit ${limit + 1}`,
  );
  return toPage(items, limit, ({ dueAt, id }) => [dueAt.toISOString(), id]);
}
