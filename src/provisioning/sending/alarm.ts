import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { run, type Services } from '../../operation/pipeline.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { isGivenUp, isOverdue } from '../overdue.ts';
import { readTarget } from '../store.ts';

/** Accounts of a target that somebody has to look at; a target that is off or paused is somebody's decision already. */
const behind = sql`exists (select 1 from account a where a.target_id = t.id and (${isOverdue} or ${isGivenUp}))`;
const changed = sql`t.state = 'active' and (t.alarmed_at is null) = ${behind}`;

/** Not in the registry: only the instance itself raises an alarm, and takes it back when nothing is behind any more. */
const recordAlarm = operation({
  name: 'target.alarm',
  summary: 'Record that accounts at a connected system are overdue or were given up.',
  http: 'POST /targets/alarm',
  input: z.object({ provisioningTargetId: z.uuid() }),
  output: z.object({}),
  needs: 'public',
  effect: 'changing',
  events: ['target.alarmed'],
  run: async (context, { provisioningTargetId: id }) => {
    const { db, at } = context;
    const target = await readTarget(db, id, { lock: true });
    const { rows } = await sql<{ overdue: number; dead: number; alarmed: boolean }>`
      select count(*) filter (where ${isOverdue})::int as overdue, count(*) filter (where ${isGivenUp})::int as dead,
        (select alarmed_at is not null from target where id = ${id}) as alarmed
      from account a where a.target_id = ${id}`.execute(db);
    const { overdue, dead, alarmed } = rows[0]!;
    const any = overdue + dead > 0;
    if (target?.state !== 'active' || any === alarmed) {
      context.nothingChanged();
      return {};
    }
    await sql`update target set alarmed_at = ${any ? at : null} where id = ${id}`.execute(db);
    if (!any) {
      context.nothingChanged();
      return {};
    }
    context.record({
      type: 'target.alarmed',
      targetKind: 'target',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: { overdue, dead },
      personal: { name: target.name },
    });
    return {};
  },
});

/** Tells of targets that fell behind, once each until they caught up. @returns how many were looked at */
export async function raiseAlarms(services: Services): Promise<number> {
  const targets = await thoseOf(services.db);
  for (const provisioningTargetId of targets) {
    const call = {
      credential: { kind: 'none' },
      input: { provisioningTargetId },
      requestId: 'sweep',
      actAs: 'system',
    } as const;
    await run(services, recordAlarm, call);
  }
  return targets.length;
}

// Without a lock, because there is nothing to do nearly every time.
async function thoseOf(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select t.id from target t where ${changed} order by t.id limit 100`.execute(db);
  return rows.map(({ id }) => id);
}
