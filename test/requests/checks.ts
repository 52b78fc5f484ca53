/** What holds of every request at every instant, asked of the database alone. */
import { sql } from 'kysely';
import type { Town } from './town.ts';

export async function checkAll(town: Town): Promise<void> {
  await timers(town);
  await bounds(town);
  await reasons(town);
  await effects(town);
  await votes(town);
}

async function none(town: Town, what: string, query: ReturnType<typeof sql>): Promise<void> {
  const { rows } = await query.execute(town.world.db);
  if (rows.length > 0) throw new Error(`${what}: ${JSON.stringify(rows.slice(0, 3), undefined, 1)}`);
}

/** Each open request has an instant at which something happens to it, and a job that comes no later (I30). */
async function timers(town: Town): Promise<void> {
  await none(
    town,
    'open, and nothing will ever happen to it',
    sql`select q.id, q.next_at, q.step, q.level, q.paused_at, q.deadline, remit_now() as now from request q where q.state = 'open' and not exists (
      select 1 from pgboss.job j where j.name = 'request' and j.state < 'active' and j.data ->> 'requestId' = q.id::text
        and j.start_after <= q.next_at and j.keep_until > j.start_after)`,
  );
  if (!town.outage)
    await none(
      town,
      'open, and what was due has not happened',
      sql`select id, next_at, remit_now() as now from request where state = 'open' and next_at <= remit_now()`,
    );
}

/**
 * What a request may take at most is settled when its steps are: pauses only shift it, nothing adds to it but steps that
 * a stricter policy added (I30, ruling 8). With somebody at work none is open after that.
 */
async function bounds(town: Town): Promise<void> {
  const { rows } = await sql<{
    id: string;
    steps: number;
    bound: number;
    now: number;
    planned: number | null;
  }>`
    select q.id, jsonb_array_length(q.plan) as steps, extract(epoch from q.deadline) * 1000 + q.pause_left as bound,
      extract(epoch from remit_now()) * 1000 as now,
      -- all that its levels may take, and as much again as its steps may stand still, where all is in hours by the clock
      (select case when bool_and(l -> 'due' ? 'hours') then extract(epoch from q.created_at) * 1000
          + sum((l -> 'due' ->> 'hours')::int * case when n = 1 then 2 else 1 end) * 3600000 end
        from jsonb_array_elements(q.plan) s, jsonb_array_elements(s -> 'levels') with ordinality as t (l, n)) as planned
    from request q where q.state = 'open'`.execute(town.world.db);
  for (const { id, steps, bound, now, planned } of rows) {
    const before = town.promised.get(id);
    if (steps > 30) throw new Error(`${id} has ${steps} steps`);
    if (before && before.steps >= steps && Number(bound) > before.bound + 1)
      throw new Error(`${id} got ${Number(bound) - before.bound} ms more than it was promised`);
    if (!before && planned !== null && Number(bound) > Number(planned) + 1)
      throw new Error(`${id} was promised more than its steps add up to: ${bound} > ${planned}`);
    if (!before || before.steps !== steps) town.promised.set(id, { steps, bound: Number(bound) });
    if (!town.outage && Number(now) > Number(bound))
      throw new Error(`${id} is open after all its time has passed`);
  }
}

/** What has ended says how: by whom, or that time did it; and the trail says the same. */
async function reasons(town: Town): Promise<void> {
  await none(
    town,
    'ended, and nobody knows why',
    sql`select q.id, q.state, q.decided_by, q.decided_at, last.type from request q
      left join lateral (select e.type from event e where e.target_id = q.id
        and e.type in ('request.approved', 'request.refused', 'request.lapsed', 'request.withdrawn', 'request.ended', 'request.reopened',
          'request.rule-approved')
        order by e.position desc limit 1) last on true
      where case q.state
        when 'open' then last.type is not null and last.type <> 'request.reopened'
        when 'approved' then last.type is null or last.type not in ('request.approved', 'request.lapsed', 'request.rule-approved') or q.decided_at is null
        when 'refused' then last.type is null or last.type not in ('request.refused', 'request.lapsed') or q.decided_at is null
        when 'withdrawn' then last.type is distinct from 'request.withdrawn'
        -- its person left, or their organization was closed
        when 'ended' then last.type is distinct from 'request.ended'
        else true end
        or last.type = 'request.lapsed' and q.decided_by is not null
        or last.type in ('request.approved', 'request.refused') and not exists (
          select 1 from request_decision d where d.request_id = q.id and d.undone_at is null)`,
  );
}

/** Approved is given, once, and no more than was asked for (I34, I36); nothing else is. */
async function effects(town: Town): Promise<void> {
  await none(
    town,
    'approved and not given, or given and not approved, or more than was asked for',
    sql`select q.id, q.state, q.entitlement_ids, given.all from request q
      left join lateral (select count(*)::int as n, count(*) filter (where a.state = 'active')::int as live,
          count(distinct coalesce(a.entitlement_id, a.access_role_id)) filter (where a.state = 'active')::int as things,
          bool_or(not (coalesce(a.entitlement_id = any (q.entitlement_ids), false) or coalesce(a.access_role_id = q.access_role_id, false))) as more,
          jsonb_agg(to_jsonb(a)) as all
        from assignment a where a.request_id = q.id) given on true
      where q.kind = 'access' and (q.state = 'approved' and given.n = 0 or q.state <> 'approved' and given.live > 0
        or given.live <> given.things or given.more)
        or q.kind in ('organization', 'delegation') and (q.state = 'approved') <> (q.made is not null)`,
  );
}

/** Nobody decided for themselves, and nobody twice about one step (I31, I32, I33). */
async function votes(town: Town): Promise<void> {
  await none(
    town,
    'decided for themselves, or twice',
    sql`select d.request_id, d.step, d.user_id from request_decision d join request q on q.id = d.request_id
        left join membership m on m.id = q.membership_id
      where d.undone_at is null and (d.user_id in (q.requester_id, m.user_id) or d.on_behalf_of in (q.requester_id, m.user_id)
        or exists (select 1 from request_decision o where o.request_id = d.request_id and o.step = d.step and o.user_id = d.user_id
          and o.id <> d.id and o.undone_at is null))`,
  );
}
