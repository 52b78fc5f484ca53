import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Target } from '../../authority/delegation.ts';
import { inReach, type Reach } from '../../authority/reach.ts';
import type { Context } from '../../operation/operation.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { connectorNamed } from '../connectors/all.ts';
import { isGivenUp, isOverdue } from '../overdue.ts';
import { mendingOf } from '../reconciling/mending-rules.ts';
import { brakeOf, limitsOf } from '../rules.ts';
import { readRoles, readTarget } from '../store.ts';
import { declaredBy } from '../wanted/declared.ts';
import { whoSaved } from '../wanted/people.ts';
import { stoodFor, stoppedRoles } from '../wanted/stopped.ts';
import { usualPolicy } from '../wanted/wish.ts';
import { shownAbilities, shownField } from './connector-view.ts';
import type { roleView, targetDetail, targetView } from './target-fields.ts';

type Db = Kysely<DB>;
export type TargetView = z.infer<typeof targetView>;

/** Where a connected system stands; a retired one is gone. */
export async function provisioningTarget(db: Db, id: string): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'target' as kind, t.id, t.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from target t join organization o on o.id = t.organization_id where t.id = ${id} and t.state <> 'retired'`.execute(
    db,
  );
  return rows[0];
}

type Row = Omit<TargetView, 'failingSince' | 'restsUntil' | 'brakedAt' | 'changesHeldAt' | 'lastGoodAt'> &
  Record<'failingSince' | 'restsUntil' | 'brakedAt' | 'changesHeldAt' | 'lastGoodAt', Date | null>;

async function views(db: Db, where: RawBuilder<unknown>): Promise<TargetView[]> {
  const { rows } = await sql<Row>`
    select t.id, t.organization_id as "organizationId", o.name as "organizationName", t.name, t.connector, t.state,
      t.failing_since as "failingSince", case when t.failing_since is not null then t.last_problem end as problem,
      case when t.rests_until > remit_now() then t.rests_until end as "restsUntil", t.braked_at as "brakedAt", t.changes_held_at as "changesHeldAt",
      t.last_good_at as "lastGoodAt", t.version, c.*
    from target t join organization o on o.id = t.organization_id
    cross join lateral (
      select count(*) filter (where a.stands in ('disabled', 'enabled', 'unsure'))::int as accounts,
        count(*) filter (where (a.due_at <= remit_now() or a.last_problem = 'waiting' or a.changes_to is not null) and a.dead_at is null and a.ignored is null)::int as waiting,
        count(*) filter (where ${isGivenUp})::int as dead,
        count(*) filter (where ${isOverdue})::int as overdue
      from account a where a.target_id = t.id) c
    where ${where} order by lower(t.name), t.id`.execute(db);
  return rows.map(({ failingSince, restsUntil, brakedAt, changesHeldAt, lastGoodAt, ...row }) => ({
    ...row,
    failingSince: failingSince?.toISOString() ?? null,
    restsUntil: restsUntil?.toISOString() ?? null,
    brakedAt: brakedAt?.toISOString() ?? null,
    changesHeldAt: changesHeldAt?.toISOString() ?? null,
    lastGoodAt: lastGoodAt?.toISOString() ?? null,
  }));
}

/** Those in reach, or in one organization of it; a few dozen at most, so there are no pages. */
export const listTargets = (
  db: Db,
  reach: Reach,
  organizationId: string | undefined,
): Promise<TargetView[]> =>
  views(
    db,
    sql`t.state <> 'retired' and ${inReach(reach, sql`o.path`)}
      ${organizationId ? sql`and o.id = ${organizationId}` : sql``}`,
  );

export async function viewTarget(db: Db, id: string): Promise<TargetView> {
  return (await views(db, sql`t.id = ${id}`))[0]!;
}

/** One with all that was said of it, in the reader's sight; of its secrets only whether there are any. */
export async function detailOf(
  { db, reach }: Pick<Context, 'db' | 'reach'>,
  id: string,
): Promise<z.infer<typeof targetDetail>> {
  const row = (await readTarget(db, id))!;
  const { rows: roles } = await sql<Omit<z.infer<typeof roleView>, 'stopped'>>`
    select r.entitlement_id as "entitlementId", r.organization_id as "organizationId", r.group_id as "groupId", r.name,
      case when ap.id is not null and ${inReach(reach('application.read'), sql`ao.path`)} then ap.name || ': ' || e.name
        when o.id is not null and ${inReach(reach('organization.read'), sql`o.path`)} then o.name
        when g.id is not null and ${inReach(reach('user.read'), sql`go.path`)} then g.name end as label
    from target_role r left join entitlement e on e.id = r.entitlement_id left join application ap on ap.id = e.application_id
    left join organization ao on ao.id = ap.organization_id left join organization o on o.id = r.organization_id
    left join people_group g on g.id = r.group_id left join organization go on go.id = g.organization_id
    where r.target_id = ${id} order by label, r.name, r.id`.execute(db);
  const stopped = stoppedRoles(await whoSaved(db, row), row, await readRoles(db, id));
  const connector = connectorNamed(row.connector);
  const declared = connector && declaredBy(connector, row.settings);
  return {
    ...(await viewTarget(db, id)),
    values: (declared?.values ?? []).map(shownField),
    can: declared
      ? shownAbilities(declared.can)
      : { disable: false, delete: false, roles: false, list: 'none', passwords: [], calls: false },
    settings: { ...row.settings },
    hasCredentials: row.sealed !== '',
    mapping: row.mapping.map((one) => ({
      ...one,
      pieces: one.pieces.map((piece) =>
        'text' in piece ? piece : { ...piece, how: [...(piece.how ?? [])] },
      ),
    })),
    roles: roles.map((role) => ({ ...role, stopped: stopped.has(stoodFor(role)) })),
    policy: { ...usualPolicy, ...row.policy },
    limits: limitsOf(row.limits),
    brake: brakeOf(row.brake),
    mending: mendingOf(row.mending),
    comparesAt: row.compareAt?.toISOString() ?? null,
    passwords: row.password,
  };
}

/** One as its events say it: settings lead inside somebody's network, and stand in none. */
export async function targetState(db: Db, id: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ state: Record<string, unknown> }>`
    select to_jsonb(t) - '{name,settings,sealed,failing_since,failures,rests_until,last_problem,last_good_at,batch,batch_until,minute_began,minute_calls,compare_at}'::text[]
      || jsonb_build_object('roles', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'entitlementId', r.entitlement_id,
        'organizationId', r.organization_id, 'groupId', r.group_id, 'name', r.name) order by r.id), '[]') from target_role r
        where r.target_id = t.id)) as state
    from target t where t.id = ${id}`.execute(db);
  return rows[0]!.state;
}
