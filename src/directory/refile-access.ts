import { type RawBuilder, sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { missingFrom } from '../authority/decide.ts';
import type { Chain, EntitlementRef, Target } from '../authority/delegation.ts';
import type { Permission } from '../authority/permissions.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { coversBelow } from '../authority/region.ts';
import { isSelf, selvesOf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { spanOf } from './days.ts';
import { readable, writable } from './store.ts';

/** What a change of time zone records of access, rules and delegations. */
export const refileEvents = ['assignment.refiled', 'rule.refiled', 'delegation.refiled'] as const;

type Dated = {
  id: string;
  organizationId: string;
  path: string;
  userId: string | null;
  line: string[] | null;
  firstDay: string | null;
  lastDay: string | null;
  startsAt: Date;
  endsAt: Date;
};
type Access = Dated & { everybody: boolean; entitlements: EntitlementRef[] };
type Link = Dated & { chain: string[]; approve: boolean };

/**
 * After a change of time zone the days of access, of rules and of delegations mean other instants. A bound that makes them last
 * longer is a grant (ruling 4): it moves only where the doer could give that much themselves, and nobody's own does
 * (I02). Elsewhere it stays where it was: earlier than the day says, never later.
 */
export async function refileAccess(
  context: Context,
  organization: { id: string; path: string; timeZone: string },
): Promise<void> {
  await refileAssignments(context, organization);
  await refileRules(context, organization);
  await refileDelegations(context, organization);
}

type Period = Pick<Dated, 'startsAt' | 'endsAt'>;

/** The new bounds of one row; undefined when they are the old ones. */
function moved(row: Dated, timeZone: string, may: (until: Date) => boolean): Period | undefined {
  const span = spanOf(row.firstDay, row.lastDay, timeZone);
  let startsAt = row.firstDay ? readable(span.startsAt) : row.startsAt;
  let endsAt = row.lastDay ? readable(span.endsAt) : row.endsAt;
  // an end that both sides of the change agree on cannot be before the beginning: a day lasts hours, not minutes
  if ((startsAt < row.startsAt || endsAt > row.endsAt) && !may(endsAt)) {
    startsAt = startsAt < row.startsAt ? row.startsAt : startsAt;
    endsAt = endsAt > row.endsAt ? row.endsAt : endsAt;
  }
  if (endsAt < startsAt) endsAt = startsAt;
  const same = startsAt.getTime() === row.startsAt.getTime() && endsAt.getTime() === row.endsAt.getTime();
  return same ? undefined : { startsAt, endsAt };
}

/** True for a chain of the actor that lets do this, and lasts until then. */
function someChain(context: Context, until: Date, lets: (chain: Chain) => boolean): boolean {
  const { facts } = context;
  if (facts.actor.kind === 'operator' || facts.actor.kind === 'system') return true;
  if (facts.noStanding) return false;
  return facts.held.some((held) => {
    const chain = chainIn(facts, held);
    return chain.every((link) => link.kind === 'approve' || link.endsAt >= until) && lets(chain);
  });
}

async function refileAssignments(
  context: Context,
  organization: { id: string; path: string; timeZone: string },
): Promise<void> {
  const { db, at, facts } = context;
  const { rows } = await sql<Access>`
    select a.id, ${organization.id}::uuid as "organizationId", coalesce(m.path, o.path) as path, m.user_id as "userId", m.line,
      a.first_day as "firstDay", a.last_day as "lastDay", a.starts_at as "startsAt", a.ends_at as "endsAt", m.id is null as everybody,
      (select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'applicationId', e.application_id)), '[]')
        from entitlement e where e.id = a.entitlement_id or e.id in (
          select re.entitlement_id from access_role_entitlement re where re.access_role_id = a.access_role_id)) as entitlements
    from assignment a left join membership m on m.id = a.membership_id left join organization o on o.id = a.organization_id
    where (m.organization_id = ${organization.id} or a.organization_id = ${organization.id})
      and a.state = 'active' and a.ends_at > ${at} and (a.first_day is not null or a.last_day is not null)
    order by a.id for no key update of a`.execute(db);
  const own = await ownPlaces(context);
  const moves: Moved[] = [];
  for (const row of rows) {
    const target: Target = {
      kind: row.everybody ? 'organization' : 'membership',
      id: row.id,
      organizationId: row.organizationId,
      path: row.path,
      off: false,
      userId: row.userId ?? undefined,
      line: row.line ?? undefined,
    };
    const isOwn = row.everybody
      ? own.some((path) => isAtOrBelow(path, row.path))
      : isSelf(facts, row.userId ?? undefined);
    const after = moved(
      row,
      organization.timeZone,
      (until) => !isOwn && mayGive(context, row, target, ['access.grant'], until),
    );
    if (after) moves.push({ row, after });
  }
  await write(context, 'assignment', moves);
}

/** By one delegation, as whoever would give it anew for so long. */
const mayGive = (
  context: Context,
  row: Access,
  target: Target,
  permissions: readonly Permission[],
  until: Date,
): boolean =>
  someChain(
    context,
    until,
    (chain) =>
      (!row.everybody || coversBelow(chain, row.path)) &&
      row.entitlements.every((entitlement) =>
        permissions.every(
          (permission) => !missingFrom(chain, permission, { ...target, entitlement }, context.facts),
        ),
      ),
  );

/** A rule is about everybody in a place, and so about whoever belongs there or below. */
async function refileRules(
  context: Context,
  organization: { id: string; path: string; timeZone: string },
): Promise<void> {
  const { db, at } = context;
  const { rows } = await sql<Access>`
    select r.id, r.organization_id as "organizationId", coalesce(w.path, o.path) as path, null as "userId", null as line,
      r.first_day as "firstDay", r.last_day as "lastDay", r.starts_at as "startsAt", r.ends_at as "endsAt", r.below as everybody,
      (select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'applicationId', e.application_id)), '[]')
        from entitlement e where e.id = r.entitlement_id or e.id in (
          select re.entitlement_id from access_role_entitlement re where re.access_role_id = r.access_role_id)) as entitlements
    from access_rule r join organization o on o.id = r.organization_id left join organization w on w.id = r.in_organization_id
    where r.organization_id = ${organization.id} and r.state <> 'ended' and r.ends_at > ${at}
      and (r.first_day is not null or r.last_day is not null)
    order by r.id for no key update of r`.execute(db);
  const own = await ownPlaces(context);
  const moves: Moved[] = [];
  for (const row of rows) {
    const target: Target = {
      kind: 'organization',
      id: row.id,
      organizationId: row.organizationId,
      path: row.path,
      off: false,
    };
    const isOwn = own.some((path) => isAtOrBelow(path, row.path));
    const after = moved(
      row,
      organization.timeZone,
      (until) => !isOwn && mayGive(context, row, target, ['access-rule.configure', 'access.grant'], until),
    );
    if (after) moves.push({ row, after });
  }
  await write(context, 'rule', moves);
}

async function refileDelegations(
  context: Context,
  organization: { id: string; path: string; timeZone: string },
): Promise<void> {
  const { db, at, facts } = context;
  const { rows } = await sql<Link>`
    select d.id, o.id as "organizationId", o.path, d.delegate_user_id as "userId", line_of(d.delegate_user_id, o.path) as line,
      d.first_day as "firstDay", d.last_day as "lastDay", d.starts_at as "startsAt", d.ends_at as "endsAt", d.chain,
      d.kind = 'approve' as approve
    from delegation d join organization o on o.path = d.place_paths[1]
    where (d.first_day is not null or d.last_day is not null) and d.state <> 'ended' and d.ends_at > ${at}
      and case when d.kind = 'approve'
        then exists (select 1 from membership g where g.id = d.giver_membership_id and g.organization_id = ${organization.id})
        else d.kind = 'administer' and o.id = ${organization.id} end
    order by d.id for no key update of d`.execute(db);
  const moves: Moved[] = [];
  for (const row of rows) {
    const target: Target = {
      kind: 'delegation',
      id: row.id,
      organizationId: row.organizationId,
      path: row.path,
      off: false,
      userId: row.userId ?? undefined,
      line: row.line ?? undefined,
    };
    // A deputy is their giver's alone to name, and so is how long.
    const after = moved(
      row,
      organization.timeZone,
      (until) =>
        !row.approve &&
        !isSelf(facts, row.userId ?? undefined) &&
        someChain(
          context,
          until,
          (chain) =>
            row.chain.includes(chain[0]!.id) && !missingFrom(chain, 'delegation.create', target, facts),
        ),
    );
    if (after) moves.push({ row, after });
  }
  await write(context, 'delegation', moves);
}

const tables: Record<'assignment' | 'rule' | 'delegation', RawBuilder<unknown>> = {
  assignment: sql`assignment`,
  rule: sql`access_rule`,
  delegation: sql`delegation`,
};

type Moved = { row: Dated; after: Period };

const instants = (all: readonly Date[]): string[] =>
  all.map(writable).map((at) => (typeof at === 'string' ? at : at.toISOString()));

/** All by one statement: it stands under the lock of the organization. */
async function write(context: Context, kind: keyof typeof tables, moves: readonly Moved[]): Promise<void> {
  if (moves.length === 0) return;
  const { rows } = await sql<{ before: Record<string, unknown>; after: Record<string, unknown> }>`
    update ${tables[kind]} t set starts_at = n.starts_at, ends_at = n.ends_at, version = t.version + 1
    from ${tables[kind]} b join unnest(${moves.map(({ row }) => row.id)}::uuid[],
      ${instants(moves.map(({ after }) => after.startsAt))}::timestamptz[],
      ${instants(moves.map(({ after }) => after.endsAt))}::timestamptz[]) n (id, starts_at, ends_at) on n.id = b.id
    where b.id = t.id returning to_jsonb(b) - '{reason,name}'::text[] as before, to_jsonb(t) - '{reason,name}'::text[] as after`.execute(
    context.db,
  );
  const written = new Map(rows.map((one) => [one.after.id, one]));
  for (const { row } of moves)
    context.record({
      type: `${kind}.refiled`,
      targetKind: kind === 'rule' ? 'access-rule' : kind,
      targetId: row.id,
      organizationId: row.organizationId,
      path: row.path,
      subjectId: row.userId,
      ...written.get(row.id)!,
    });
}

async function ownPlaces({ db, facts }: Context): Promise<string[]> {
  const selves = selvesOf(facts);
  if (selves.length === 0) return [];
  const { rows } = await sql<{ path: string }>`
    select m.path from membership m where m.user_id = any (${selves}::uuid[]) and m.state <> 'ended'`.execute(
    db,
  );
  return rows.map(({ path }) => path);
}
