import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { run, type Services } from '../../operation/pipeline.ts';
import { sendJob } from '../../platform/jobs.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { Connector } from '../connectors/connector.ts';
import { readTarget, type TargetRow } from '../store.ts';
import { look, seeingOf } from '../wanted/look.ts';
import { whoSaved } from '../wanted/people.ts';
import { tellsWhose } from './match.ts';
import { mendMany } from './mend-many.ts';
import { likenessOf, type Mending, mendingOf, mostOften } from './mending-rules.ts';
import { takeOver } from './reconcile-settle.ts';

type Db = Kysely<DB>;
type Connectors = (name: string) => Connector | undefined;

/** Accounts that are looked for in what is nobody's: more than these wait for their owners one by one. */
const mostOwners = 2000;

/**
 * Does what a target's policy says about the differences that a comparison left, in one transaction with the note that it
 * was done. What takes something away waits for the brake like everything else (I49): here it is only asked for.
 */
export async function mendByPolicy(services: Services, connectors: Connectors, runId: string): Promise<void> {
  // Not in the registry: only the instance itself does it, by what a person chose before.
  const mendRun = operation({
    name: 'target.mend',
    summary: 'Do what was chosen about differences.',
    http: 'POST /targets/mend',
    input: z.object({ runId: z.uuid() }),
    output: z.object({}),
    needs: 'public',
    effect: 'changing',
    events: ['target.mended'],
    run: async (context, input) => {
      const { db } = context;
      const { rows } = await sql<{ targetId: string }>`
        update reconcile_run set mended_at = remit_now() where id = ${input.runId} and state = 'done' and mended_at is null
        returning target_id as "targetId"`.execute(db);
      const target = rows[0] && (await readTarget(db, rows[0].targetId, { lock: true }));
      const done = target?.state === 'active' ? await mendAll(db, target, connectors) : {};
      const total = Object.values(done).reduce((sum, n) => sum + n, 0);
      if (!target || total === 0) {
        context.nothingChanged();
        return {};
      }
      await sendJob(db, 'target', { provisioningTargetId: target.id });
      context.record({
        type: 'target.mended',
        targetKind: 'target',
        targetId: target.id,
        organizationId: target.organizationId,
        path: target.path,
        after: { runId: input.runId, ...done },
        personal: { name: target.name },
      });
      return {};
    },
  });
  const call = {
    credential: { kind: 'none' },
    input: { runId },
    requestId: 'mend',
    actAs: 'system',
  } as const;
  await run(services, mendRun, call);
}

/** Comparisons to which policies were not applied: their process died in between. */
export async function unmendedRuns(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from reconcile_run where state = 'done' and mended_at is null order by id limit 20`.execute(db);
  return rows.map(({ id }) => id);
}

async function mendAll(db: Db, target: TargetRow, connectors: Connectors): Promise<Record<string, number>> {
  const mending = mendingOf(target.mending);
  const done: Record<string, number> = {};
  for (const kind of ['missing', 'drift'] as const)
    if (mending[kind] === 'mend') done[kind] = await mendKind(db, target.id, kind);
  if (mending.orphan === 'adopt') done.adopted = await adoptLike(db, target, mending, connectors);
  // Asked at use (ruling 16): whoever may not have systems connected there any more has nothing taken there either.
  if ((mending.orphan === 'disable' || mending.orphan === 'delete') && (await whoSaved(db, target)))
    done.planned = await plan(db, target.id, mending.orphan);
  return done;
}

/** Has accounts brought to what they should be; those that somebody there keeps changing back are left to a person. */
async function mendKind(db: Db, targetId: string, kind: 'missing' | 'drift'): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select d.id from difference d where d.target_id = ${targetId} and d.kind = ${kind} and d.settled_at is null
      and (select count(*) from difference before where before.account_id = d.account_id and before.kind = d.kind
        and before.fields = d.fields and before.settled_how = 'mended' and before.settled_by is null
        and before.settled_at > remit_now() - interval '7 days') < ${mostOften}
    order by d.id for no key update of d`.execute(db);
  return mendMany(
    db,
    rows.map(({ id }) => id),
    null,
  );
}

/** Asks that what is nobody's be taken: not what Remit itself made, and not what is off already. @returns how many */
async function plan(db: Db, targetId: string, what: 'disable' | 'delete'): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with planned as (
      update difference d set planned = ${what}, by_policy = true, cleared = false, attempts = 0, problem = null
      where d.target_id = ${targetId} and d.kind = 'orphan' and d.settled_at is null and not d.ours
        and (d.planned is distinct from ${what} or d.attempts > 0) ${what === 'disable' ? sql`and d.fields = '{}'` : sql``}
      returning 1)
    select count(*)::int as n from planned`.execute(db);
  return rows[0]!.n;
}

/**
 * Takes what is nobody's as the account of whom it fits: somebody who is to have one there and has none, whose value is the
 * same, where no other person and no other account has it.
 */
async function adoptLike(
  db: Db,
  target: TargetRow,
  { match }: Mending,
  connectors: Connectors,
): Promise<number> {
  const connector = connectors(target.connector);
  if (!connector || match === null || !(await tellsWhose(db, target.path, target.mapping, match))) return 0;
  const { rows: orphans } = await sql<{ id: string; externalId: string; likeness: string }>`
    select d.id, d.external_id as "externalId", d.likeness from difference d where d.target_id = ${target.id} and d.kind = 'orphan'
      and d.settled_at is null and d.planned is null and not d.ours and d.likeness is not null
      and not exists (select 1 from difference other where other.target_id = d.target_id and other.kind = 'orphan'
        and other.settled_at is null and other.likeness = d.likeness and other.id <> d.id)
    order by d.id for no key update of d`.execute(db);
  if (orphans.length === 0) return 0;
  const { rows: owners } = await sql<{ userId: string }>`
    select a.user_id as "userId" from account a join app_user u on u.id = a.user_id
    where a.target_id = ${target.id} and a.stands in ('none', 'gone') and a.external_id is null and a.wanted = 'enabled'
      and a.leased_until is null and u.proved_email is not null
    order by a.user_id limit ${mostOwners}`.execute(db);
  const seeing = await seeingOf(db, target, connector);
  const { looks } = await look(
    db,
    seeing,
    owners.map(({ userId }) => userId),
    new Map(),
  );
  const byLikeness = new Map<string, string[]>();
  for (const [userId, { desired }] of looks) {
    const likeness = desired.presence === 'enabled' ? likenessOf(target.id, desired.values[match]) : null;
    if (likeness !== null) byLikeness.set(likeness, [...(byLikeness.get(likeness) ?? []), userId]);
  }
  let adopted = 0;
  for (const { id, externalId, likeness } of orphans) {
    const [userId, ...others] = byLikeness.get(likeness) ?? [];
    if (userId === undefined || others.length > 0) continue;
    if (!(await takeOver(db, target.id, userId, externalId))) continue;
    await sql`update difference set settled_at = remit_now(), settled_how = 'adopted' where id = ${id}`.execute(
      db,
    );
    adopted += 1;
  }
  return adopted;
}
