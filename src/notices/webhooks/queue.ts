import { type Kysely, sql } from 'kysely';
import { sendJob } from '../../platform/jobs.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { type Outcome, patience, rest } from './rules.ts';
import { type HookRow, readHook } from './store.ts';

type Db = Kysely<DB>;

export type Claimed = { id: string; eventId: string | null; attempts: number };
export type Claim = { hook: HookRow; at: Date; deliveries: Claimed[] };

/** Longer than any attempt takes: whoever has it by then has died, and it is sent again under the same id. */
const leaseSeconds = 60;

/** Messages under way to one endpoint at once; one while it fails. */
const mostAtOnce = 4;

/**
 * Takes what is due for a webhook, before anything is sent: of two processes one has it. With it goes a job that looks
 * again when the lease is over, so that a process killed in between loses nothing.
 */
export function claimDue(db: Db, webhookId: string): Promise<Claim | undefined> {
  return db.transaction().execute(async (trx) => {
    const hook = await readHook(trx, webhookId, { lock: true });
    const { rows: now } = await sql<{ at: Date; busy: number }>`
      select remit_now() as at, (select count(*)::int from webhook_delivery
        where webhook_id = ${webhookId} and state = 'waiting' and leased_until > remit_now()) as busy`.execute(
      trx,
    );
    const { at, busy } = now[0]!;
    if (hook?.state !== 'active' || (hook.restsUntil && hook.restsUntil > at)) return undefined;
    const { rows: deliveries } = await sql<Claimed>`
      with due as (
        select id from webhook_delivery where webhook_id = ${webhookId} and state = 'waiting' and next_at <= ${at}
          and (leased_until is null or leased_until <= ${at})
        order by next_at, id limit ${Math.max(0, (hook.failingSince ? 1 : mostAtOnce) - busy)})
      update webhook_delivery d set attempts = d.attempts + 1, leased_until = ${at}::timestamptz + make_interval(secs => ${leaseSeconds})
      from due where d.id = due.id returning d.id, d.event_id as "eventId", d.attempts`.execute(trx);
    if (deliveries.length === 0) return undefined;
    await sendJob(trx, 'webhook', { webhookId }, { startAfter: leaseSeconds + 1 });
    return { hook, at, deliveries };
  });
}

export type Result = { status: number | null; problem: string | null };

/**
 * Writes what came of an attempt. Answers whether the webhook has to be switched off, and why; `undefined` also when
 * another process has taken the delivery over meanwhile.
 */
export function settle(
  db: Db,
  webhookId: string,
  { id, attempts }: Claimed,
  outcome: Outcome | { what: 'withheld' },
  { status, problem }: Result,
): Promise<'gone' | 'failing' | undefined> {
  const { what } = outcome;
  const after = what === 'again' ? outcome.after : 0;
  const state = { sent: 'sent', again: 'waiting', dead: 'failed', gone: 'failed', withheld: 'withheld' }[
    what
  ];
  return db.transaction().execute(async (trx) => {
    const hook = await readHook(trx, webhookId, { lock: true });
    const { rows } = await sql<{ at: Date }>`
      update webhook_delivery set state = ${state}, leased_until = null, last_status = ${status}, last_problem = ${problem},
        last_at = remit_now(), next_at = case when ${what === 'again'} then remit_now() + make_interval(secs => ${after}) end
      where id = ${id} and state = 'waiting' and attempts = ${attempts} returning remit_now() as at`.execute(
      trx,
    );
    if (rows.length === 0 || !hook) return undefined;
    if (what === 'withheld') return undefined;
    if (what === 'sent') {
      if (hook.failingSince)
        await sql`update webhook set failing_since = null, rests_until = null where id = ${webhookId}`.execute(
          trx,
        );
      return undefined;
    }
    const peace = what === 'again' && outcome.peace ? after : 0;
    // One failure may be about one message; from the second on it is about the endpoint.
    const resting = Math.max(hook.failingSince ? rest : 0, peace);
    await sql`
      update webhook set failing_since = coalesce(failing_since, remit_now()),
        rests_until = case when ${resting} > 0 then greatest(rests_until, remit_now() + make_interval(secs => ${resting})) else rests_until end
      where id = ${webhookId}`.execute(trx);
    if (what === 'again') {
      await sendJob(trx, 'webhook', { webhookId }, { startAfter: after });
      if (resting > 0) await sendJob(trx, 'webhook', { webhookId }, { startAfter: resting });
    }
    if (what === 'gone') return 'gone';
    const { at } = rows[0]!;
    const since = hook.failingSince ?? at;
    return what === 'dead' && at.getTime() - since.getTime() >= patience * 1000 ? 'failing' : undefined;
  });
}

/** Deliveries are a log for mending, not a trail: the trail keeps what happened. */
const keptDays = { sent: 30, failed: 90 };
const mostKept = 5000;

/** Forgets old deliveries. Nothing depends on it. */
export async function tidyDeliveries(db: Db): Promise<void> {
  await sql`
    delete from webhook_delivery where id in (
      select id from (
        select id, state, created_at, row_number() over (partition by webhook_id order by id desc) as nth
        from webhook_delivery where state <> 'waiting') kept
      where (state = 'failed' and created_at < remit_now() - make_interval(days => ${keptDays.failed}))
        or (state <> 'failed' and created_at < remit_now() - make_interval(days => ${keptDays.sent})) or nth > ${mostKept}
      limit 10000)`.execute(db);
}
