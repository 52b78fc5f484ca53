import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../operation/operation.ts';
import { run, type Services } from '../operation/pipeline.ts';
import type { DB } from '../platform/schema.gen.ts';
import { carryOut } from './succession.ts';
import { takeOverEvents } from './take-over.ts';

/** Of one run; the next one goes on. Each is a transaction of its own: it waits for no changes, and nobody long for it. */
const most = 50;

/** Not in the registry: nobody calls it but the instance itself, in the right of whoever named the successor. */
const carryOutOne = operation({
  name: 'succession.carry-out',
  summary: 'Hand over what somebody left behind whose last day is over.',
  http: 'POST /memberships/successions',
  input: z.object({ membershipId: z.uuid() }),
  output: z.object({ done: z.boolean() }),
  needs: 'public',
  effect: 'ending',
  events: ['succession.handed-over', ...takeOverEvents],
  run: async (context, { membershipId }) => {
    const done = await carryOut(context, membershipId);
    if (!done) context.nothingChanged();
    return { done: done !== undefined };
  },
});

/**
 * Hands over what people left behind whose place has ended, by whatever way it did. A job that comes late leaves nobody
 * with power meanwhile: since the end of the last day nobody acts from the place.
 * @returns of how many
 */
export async function carryOutSuccessions(services: Services): Promise<number> {
  const { rows } = await due(services.db);
  const call = { credential: { kind: 'none' }, requestId: 'sweep', actAs: 'system' } as const;
  const faults: unknown[] = [];
  for (const { id } of rows)
    await run(services, carryOutOne, { ...call, input: { membershipId: id } }).catch((fault: unknown) =>
      faults.push(fault),
    );
  // One that fails holds up no other, and is tried again.
  if (faults.length > 0) throw faults[0];
  return rows.length;
}

const due = (db: Kysely<DB>) =>
  sql<{ id: string }>`
  select s.leaver_membership_id as id from succession s join membership m on m.id = s.leaver_membership_id
  where s.state = 'named' and (m.state = 'ended' or m.ends_at <= remit_now()) order by random() limit ${most}`.execute(
    db,
  );
