import { type Kysely, sql } from 'kysely';
import type { Context } from '../../operation/operation.ts';
import { newId } from '../../platform/ids.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { Run } from './runs.ts';
import { peopleOf, type SourceRow } from './store.ts';

type Db = Kysely<DB>;
type Proposed = {
  membershipId: string;
  why: 'missing' | 'off';
  userId: string;
  organizationId: string;
  path: string;
};

/**
 * Who came from this source and was not found by a reading of everything, or is switched off there. Whoever waits for a
 * decision already, or was kept, is not among them.
 */
export async function toPropose(db: Db, source: SourceRow, run: Run): Promise<Proposed[]> {
  const { rows } = await sql<Proposed>`
    with keys as (
      select e.key, bool_or(e.run_id = ${run.id}) as seen,
        coalesce(bool_and(e.off) filter (where ${run.incremental} or e.run_id = ${run.id}), false) as off
      from source_entry e where e.source_id = ${source.id} and e.key <> '' group by e.key
    )
    select distinct on (m.id) m.id as "membershipId", case when x.seen then 'off' else 'missing' end as why, m.user_id as "userId",
      m.organization_id as "organizationId", m.path
    from keys x join import_key k on k.top_organization_id = ${source.organizationId} and k.kind = 'user' and k.key = x.key
    join membership m on m.user_id = k.id and m.state <> 'ended' and m.ends_at > remit_now()
      and (m.path = ${source.path} or starts_with(m.path, ${`${source.path}.`}))
    where ((not x.seen and not ${run.incremental}) or (x.seen and x.off and m.state = 'active'))
      and not exists (select 1 from proposal p where p.source_id = ${source.id} and p.membership_id = m.id and p.state in ('open', 'kept'))
    order by m.id`.execute(db);
  return rows;
}

/** How many wait for a decision, and how many people of the source are here. */
export async function standing(db: Db, sourceId: string): Promise<{ open: number; known: number }> {
  const { rows } = await sql<{ open: number; known: number }>`
    select (select count(*)::int from proposal p join membership m on m.id = p.membership_id
        where p.source_id = s.id and p.state = 'open' and m.state <> 'ended') as open,
      (select count(*)::int from (${peopleOf}) p) as known
    from source s join organization o on o.id = s.organization_id where s.id = ${sourceId}`.execute(db);
  return rows[0]!;
}

/** Puts those who are gone before a person, and takes back the question about whoever is there again. */
export async function propose(context: Context, source: SourceRow, run: Run): Promise<number> {
  const { db, at } = context;
  await sql`
    update proposal p set state = 'over', decided_at = ${at}
    where p.source_id = ${source.id} and p.state in ('open', 'kept') and (
      exists (select 1 from membership m where m.id = p.membership_id and (m.state = 'ended' or m.ends_at <= remit_now()))
      or exists (
        select 1 from membership m join import_key k on k.id = m.user_id and k.kind = 'user'
          and k.top_organization_id = ${source.organizationId}
        join source_entry e on e.source_id = p.source_id and e.key = k.key and e.run_id = ${run.id} and not e.off
        where m.id = p.membership_id))`.execute(db);
  const gone = await toPropose(db, source, run);
  const rows = gone.map((one) => ({ ...one, id: newId(at.getTime()) }));
  await sql`
    insert into proposal (id, source_id, membership_id, why)
    select r.id, ${source.id}, r."membershipId", r.why
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, "membershipId" uuid, why text)`.execute(
    db,
  );
  for (const { id, membershipId, why, userId, organizationId, path } of rows)
    context.record({
      type: 'proposal.made',
      targetKind: 'proposal',
      targetId: id,
      organizationId,
      path,
      subjectId: userId,
      after: { id, sourceId: source.id, membershipId, why, state: 'open' },
    });
  return rows.length;
}
