import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { run, type Services } from '../../operation/pipeline.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { askForRun } from './reconcile-rows.ts';

type Db = Kysely<DB>;

/** Comparisons that are begun at once; the next minute begins the next. */
const most = 20;

/** The next two o'clock where the target's organization is: nobody works then, and no clock is put forward past a whole day. */
const nextNight = (zone: RawBuilder<unknown>): RawBuilder<Date> => sql<Date>`
  (select min(night) from (select (date_trunc('day', remit_now() at time zone ${zone}) + make_interval(days => d, hours => 2))
    at time zone ${zone} as night from generate_series(0, 2) d) n where night > remit_now())`;

/** Says when a target is next compared by itself, after what was chosen changed. */
export async function planNight(db: Db, targetId: string): Promise<void> {
  await sql`
    update target t set compare_at = case when (t.mending ->> 'nightly')::boolean then ${nextNight(sql`o.time_zone`)} end
    from organization o where o.id = t.organization_id and t.id = ${targetId}`.execute(db);
}

/** Not in the registry: only the instance itself does it, by what a person chose before. */
const beginNight = operation({
  name: 'target.compare-nightly',
  summary: 'Begin the comparisons whose time has come.',
  http: 'POST /targets/compare-nightly',
  input: z.object({}),
  output: z.object({ count: z.number().int() }),
  needs: 'public',
  effect: 'changing',
  events: ['target.reconciled'],
  run: async (context) => {
    const { db } = context;
    const { rows } = await sql<{ id: string; organizationId: string; path: string; name: string }>`
      with due as (
        select id from target where ${isDue} order by compare_at, id limit ${most} for no key update skip locked)
      update target t set compare_at = ${nextNight(sql`o.time_zone`)} from due, organization o
      where t.id = due.id and o.id = t.organization_id
      returning t.id, t.organization_id as "organizationId", o.path, t.name`.execute(db);
    let count = 0;
    for (const { id, organizationId, path, name } of rows) {
      const { id: runId, made } = await askForRun(db, id, null);
      if (!made) continue;
      count += 1;
      context.record({
        type: 'target.reconciled',
        targetKind: 'target',
        targetId: id,
        organizationId,
        path,
        after: { runId },
        personal: { name },
      });
    }
    if (count === 0) context.nothingChanged();
    return { count };
  },
});

/** A paused one waits, and is compared when it is switched on. */
const isDue = sql`state = 'active' and compare_at <= remit_now()`;

/** @returns how many comparisons were begun */
export async function compareNightly(services: Services): Promise<number> {
  // Without a lock, because there is nothing to do nearly every time.
  const { rows } = await sql`select 1 from target where ${isDue} limit 1`.execute(services.db);
  if (rows.length === 0) return 0;
  const call = { credential: { kind: 'none' }, input: {}, requestId: 'night', actAs: 'system' } as const;
  return (await run(services, beginNight, call)).output.count;
}
