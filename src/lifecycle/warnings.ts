import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../operation/operation.ts';
import { run, type Services } from '../operation/pipeline.ts';
import type { DB } from '../platform/schema.gen.ts';
import { daysAt } from './notice.ts';
import { usualWarningDays } from './rules.ts';

/** Warnings of one run; the next one goes on. */
const most = 500;

/**
 * Last days that come near and of which nobody was told at this distance or a nearer one. A day that was set late is told
 * of once, at the distance that fits: whoever sets it for next week needs no warning of a month.
 */
const due = (limit: number) => sql`
  select m.id, m.user_id, m.organization_id, m.path, m.last_day, min(w.days)::int as days
  from membership m cross join unnest(${daysAt(sql`m.path`)}) w (days)
  where m.state <> 'ended' and m.last_day is not null and m.ends_at > (select remit_now())
    and m.ends_at <= (select remit_now() + make_interval(days => greatest(${Math.max(...usualWarningDays)},
      (select max(d) from last_day_notice n, unnest(n.days) d))))
    and m.ends_at <= (select remit_now()) + make_interval(days => w.days)
  group by m.id
  having not exists (select 1 from last_day_warning x
    where x.membership_id = m.id and x.last_day = m.last_day and x.days_before <= min(w.days))
  order by m.id limit ${limit}`;

type Due = {
  id: string;
  userId: string;
  organizationId: string;
  path: string;
  lastDay: string;
  days: number;
};

/** Not in the registry: nobody calls it but the instance itself. */
const warn = operation({
  name: 'last-day.warn',
  summary: 'Note that last days come near, for the letters that say so.',
  http: 'POST /memberships/warnings',
  input: z.object({}),
  output: z.object({ warned: z.number().int() }),
  needs: 'public',
  effect: 'changing',
  events: ['last-day.neared'],
  run: async (context) => {
    const { rows } = await sql<Due>`
      with due as (${due(most)}), told as (
        insert into last_day_warning (membership_id, last_day, days_before)
        select id, last_day, days from due on conflict do nothing returning membership_id)
      select d.id, d.user_id as "userId", d.organization_id as "organizationId", d.path, d.last_day as "lastDay", d.days
      from due d join told t on t.membership_id = d.id order by d.id`.execute(context.db);
    for (const { id, userId, organizationId, path, lastDay, days } of rows)
      context.record({
        type: 'last-day.neared',
        targetKind: 'last-day-warning',
        targetId: id,
        organizationId,
        path,
        subjectId: userId,
        after: { id, membershipId: id, lastDay, daysBefore: days },
      });
    if (rows.length === 0) context.nothingChanged();
    return { warned: rows.length };
  },
});

/**
 * Has those told whom a last day concerns, once each however often a process dies: the row, the event and the jobs of its
 * letters are one transaction.
 * @returns of how many last days
 */
export async function warnOfLastDays(services: Services): Promise<number> {
  if (!(await anyDue(services.db))) return 0;
  const call = { credential: { kind: 'none' }, input: {}, requestId: 'sweep', actAs: 'system' } as const;
  return (await run(services, warn, call)).output.warned;
}

// Without a lock, because there is nothing to do nearly every time.
async function anyDue(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql<{ any: boolean }>`select exists (${due(1)}) as any`.execute(db);
  return rows[0]!.any;
}
