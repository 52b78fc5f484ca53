import { type Kysely, sql } from 'kysely';
import type { Chain, Link } from '../authority/delegation.ts';
import { type Context, userOf } from '../operation/operation.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Fate } from './moving.ts';
import { type Delegate, type DelegationState, insertDelegations, toInstant } from './store.ts';

/** Event types that a move or a merger writes about links. */
export const movingEvents = [
  'delegation.re-given',
  'delegation.narrowed',
  'delegation.created',
  'delegation.ended',
] as const;

/**
 * Rewrites every copy of a path below `from`. Links and exceptions first, then people and invitations: these take seats,
 * which are counted at the places as they stand then.
 */
export async function rewritePaths(
  db: Kysely<DB>,
  {
    organizationId,
    parentId,
    from,
    to,
  }: { organizationId: string; parentId: string; from: string; to: string },
): Promise<void> {
  const within = (column: string) =>
    sql`${sql.raw(column)} >= ${from} and ${sql.raw(column)} < ${`${from}/`}`;
  const moved = (column: string) => sql`path_moved(${sql.raw(column)}, ${from}, ${to})`;
  const { rows } = await sql<{ ids: string[]; paths: string[] }>`
    with gone as (insert into former_place (path, organization_id)
      select o.path, o.id from organization o where ${within('o.path')} returning path, organization_id)
    select array_agg(organization_id) as ids, array_agg(path::text) as paths from gone`.execute(db);
  const { ids, paths } = rows[0]!;
  await sql`
    update organization o set path = ${moved('o.path')}, parent_id = case when o.id = ${organizationId} then ${parentId}::uuid else o.parent_id end,
      version = o.version + (o.id = ${organizationId})::int
    where ${within('o.path')}`.execute(db);
  await sql`
    update delegation d set scope = scope_moved(d.scope, ${from}, ${to}),
      place_paths = array(select path_moved(p, ${from}, ${to}) from unnest(d.place_paths) with ordinality as x (p, n) order by n),
      relation_path = ${moved('d.relation_path')}
    where d.id in (
      select id from delegation where place_paths && ${paths}::text[]
      union select id from delegation where scope @? '$[*].holes[*]' and holes_of(scope) && ${paths}::text[]
      union select id from delegation where delegate_kind = 'relation' and ${within('relation_path')})`.execute(
    db,
  );
  await sql`update exception set path = ${moved('path')} where organization_id = any (${ids}::uuid[])`.execute(
    db,
  );
  // The set of anchors stands still until this commits (sql/0009); each is looked up once a place.
  await sql`select pg_advisory_xact_lock_shared(1382116980)`.execute(db);
  await sql`
    update membership m set path = n.path, anchor = n.anchor
    from (select o.id, o.path, nearest_anchor(o.path) as anchor from organization o where o.id = any (${ids}::uuid[]) offset 0) n
    where m.organization_id = n.id`.execute(db);
  await sql`update invitation set path = ${moved('path')} where ${within('path')}`.execute(db);
  for (const state of [sql`state = 'open'`, sql`state <> 'open'`])
    await sql`update request set path = ${moved('path')} where ${state} and ${within('path')}`.execute(db);
  await sql`update import_run set path = ${moved('path')} where ${within('path')}`.execute(db);
}

/** Rows as the trail keeps them, by id. */
export async function statesOf(
  db: Kysely<DB>,
  ids: readonly string[],
): Promise<Map<string, DelegationState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ state: DelegationState }>`
    select to_jsonb(d) - 'reason' as state from delegation d where d.id = any (${ids}::uuid[])`.execute(db);
  return new Map(rows.map(({ state }) => [state.id, state]));
}

const written = (fate: Fate): boolean => fate.kind !== 'ended-with';

/** Writes what becomes of the links, and records one event for each. `before` was read before the paths were rewritten. */
export async function writeFates(
  context: Context,
  fates: readonly Fate[],
  before: ReadonlyMap<string, DelegationState>,
): Promise<void> {
  const { db, at } = context;
  const changed = fates.filter(written);
  if (changed.length === 0) return;
  const added = changed.flatMap((fate) => (fate.kind === 'split' && fate.given ? [fate.given] : []));
  for (const fate of changed)
    if (fate.kind === 'split' && fate.given) await addPart(db, fate.given, before.get(fate.before.id)!);
  await rewriteLinks(
    db,
    changed.flatMap((fate) => (fate.kind === 're-given' || fate.kind === 'split' ? [fate] : [])),
  );
  const endedIds = changed.flatMap((fate) => (fate.kind === 'ended' ? [fate.before.id] : []));
  await sql`
    update delegation set state = 'ended', ended_at = ${at}, ended_by = ${userOf(context)?.userId ?? null}, version = version + 1
    where id = any (${endedIds}::uuid[])`.execute(db);
  await rewriteChains(db, [
    ...changed.flatMap((fate) => (fate.kind === 're-given' ? [fate.after.id] : [])),
    ...added.map(({ id }) => id),
  ]);
  const after = await statesOf(db, [...changed.map((fate) => fate.before.id), ...added.map(({ id }) => id)]);
  for (const fate of changed) {
    record(context, typeOf[fate.kind], fate.before, after.get(fate.before.id)!, {
      before: before.get(fate.before.id),
      ...(fate.kind === 're-given' ? { because: fate.because } : {}),
    });
    if (fate.kind === 'split' && fate.given)
      record(context, 'delegation.created', fate.given, after.get(fate.given.id)!, {
        because: fate.given.because,
      });
  }
}

const typeOf: Record<Fate['kind'], string> = {
  're-given': 'delegation.re-given',
  split: 'delegation.narrowed',
  ended: 'delegation.ended',
  'ended-with': 'delegation.ended',
};

function record(
  context: Context,
  type: string,
  link: Link,
  after: DelegationState,
  more: { before?: DelegationState | undefined; because?: Chain },
): void {
  const [place] = (after.scope as Link['scope']).flatMap((box) => box.places ?? []);
  context.record({
    type,
    targetKind: 'delegation',
    targetId: link.id,
    organizationId: place?.id ?? link.delegateOrganizationId,
    path: place?.path ?? link.relationPath,
    subjectId: link.delegateUserId,
    before: more.before ?? null,
    after,
    ...(more.because ? { because: more.because } : {}),
  });
}

async function rewriteLinks(
  db: Kysely<DB>,
  fates: readonly (Fate & { kind: 're-given' | 'split' })[],
): Promise<void> {
  if (fates.length === 0) return;
  const rows = fates.map(({ before, after }) => ({
    id: after.id,
    parent_id: after.parentId,
    giver_user_id: after.giverUserId,
    giver_delegation_id: after.giverDelegationId,
    giver_membership_id: after.giverMembershipId,
    admin_role_id: after.adminRoleId,
    // Those of an admin role stand in the role as long as it is whole.
    permissions: after.permissions.length < before.permissions.length ? after.permissions : null,
    scope: after.scope,
    place_paths: placePaths(after),
    relation_path: after.relationPath,
    delegate_organization_id: after.delegateOrganizationId,
    entitlements: after.entitlements,
    starts_at: toInstant(after.startsAt),
    ends_at: toInstant(after.endsAt),
    may_pass_on: after.mayPassOn,
    state: after.state,
  }));
  await sql`
    update delegation d set scope = r.scope, place_paths = array(select jsonb_array_elements_text(r.place_paths)), version = d.version + 1,
      parent_id = r.parent_id, giver_user_id = r.giver_user_id, giver_delegation_id = r.giver_delegation_id, giver_membership_id = r.giver_membership_id,
      admin_role_id = r.admin_role_id,
      permissions = case when jsonb_typeof(r.permissions) = 'array' then array(select jsonb_array_elements_text(r.permissions)) else d.permissions end,
      relation_path = r.relation_path, delegate_organization_id = r.delegate_organization_id, entitlements = r.entitlements,
      starts_at = r.starts_at, ends_at = r.ends_at, may_pass_on = r.may_pass_on, state = r.state
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, parent_id uuid, giver_user_id uuid, giver_delegation_id uuid,
      giver_membership_id uuid, admin_role_id uuid, permissions jsonb, scope jsonb, place_paths jsonb, relation_path text,
      delegate_organization_id uuid, entitlements jsonb, starts_at timestamptz, ends_at timestamptz, may_pass_on int, state text)
    where d.id = r.id`.execute(db);
}

const placePaths = (link: Link): string[] =>
  link.scope.flatMap((box) => (box.places ?? []).map(({ path }) => path));

/** Ancestors are a copy: what was placed anew, and all below it, has those that stand above it by parents now. */
async function rewriteChains(db: Kysely<DB>, placed: readonly string[]): Promise<void> {
  if (placed.length === 0) return;
  await sql`
    with now as materialized (
      select d.id, delegation_above(d.id) as chain from delegation d where d.id = any (${placed}::uuid[]) or d.chain && ${placed}::uuid[]
    )
    update delegation d set chain = now.chain from now where now.id = d.id and d.chain <> now.chain`.execute(
    db,
  );
}

/** Those of an admin role that stays whole stand in the role; a part of it is written out. */
async function addPart(db: Kysely<DB>, link: Link, was: DelegationState): Promise<void> {
  const parent = link.chain.map((id) => ({ id })) as unknown as Chain;
  await insertDelegations(db, [
    {
      id: link.id,
      parent,
      giverUserId: link.giverUserId,
      giverDelegationId: link.giverDelegationId,
      giverMembershipId: link.giverMembershipId,
      delegate: delegateOf(link),
      adminRoleId: link.adminRoleId,
      permissions: link.adminRoleId ? (was.permissions as string[]) : link.permissions,
      scope: link.scope,
      entitlements: link.entitlements,
      startsAt: link.startsAt,
      endsAt: link.endsAt,
      mayPassOn: link.mayPassOn,
    },
  ]);
  if (link.state === 'paused')
    await sql`update delegation set state = 'paused' where id = ${link.id}`.execute(db);
}

function delegateOf(link: Link): Delegate {
  if (link.delegateKind === 'user')
    return { kind: 'user', userId: link.delegateUserId!, membershipId: link.delegateMembershipId! };
  if (link.delegateKind === 'client') return { kind: 'client', clientId: link.delegateClientId! };
  if (link.relation)
    return {
      kind: 'relation',
      relation: link.relation,
      organizationId: link.delegateOrganizationId!,
      path: link.relationPath!,
    };
  return { kind: 'organization', organizationId: link.delegateOrganizationId! };
}
