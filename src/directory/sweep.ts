import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../operation/operation.ts';
import { run, type Services } from '../operation/pipeline.ts';
import type { DB } from '../platform/schema.gen.ts';
import { endingEvents, endMemberships } from './leaving.ts';

/** Memberships a run ends; the next one goes on. Endings wait for nobody long (law 4). */
const most = 500;

const lapsed = sql<boolean>`m.id in (
  select l.id from membership l where l.state <> 'ended' and l.ends_at < 'infinity' and l.ends_at <= (select remit_now()) order by l.ends_at limit ${most})`;

/** Not in the registry: nobody calls it but the instance itself. */
const endLapsed = operation({
  name: 'membership.end',
  summary: 'End the memberships whose last day is over.',
  http: 'POST /memberships/lapsed',
  input: z.object({}),
  output: z.object({ ended: z.number().int() }),
  needs: 'public',
  effect: 'ending',
  events: endingEvents,
  run: async (context) => {
    const ended = await endMemberships(context, lapsed);
    if (ended.length === 0) context.nothingChanged();
    return { ended: ended.length };
  },
});

/**
 * Records the end of memberships whose last day is over. It only tidies: since midnight nobody acts from them and
 * nothing is held through them (I20). Until then a rehire would find the old membership in the way.
 * @returns how many ended
 */
export async function endLapsedMemberships(services: Services): Promise<number> {
  if (!(await anyLapsed(services.db))) return 0;
  const call = { credential: { kind: 'none' }, input: {}, requestId: 'sweep', actAs: 'system' } as const;
  return (await run(services, endLapsed, call)).output.ended;
}

// Without the exclusive lock, because there is nothing to do nearly every time.
async function anyLapsed(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql<{ any: boolean }>`
    select exists (select 1 from membership l where l.state <> 'ended' and l.ends_at < 'infinity' and l.ends_at <= (select remit_now())) as any`.execute(
    db,
  );
  return rows[0]!.any;
}
