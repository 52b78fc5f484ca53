import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Box, Chain, EntitlementLimit, Link, RelationKind, Target } from '../authority/delegation.ts';
import { chainOf } from '../authority/delegation.ts';
import { alwaysAfter, alwaysBefore, type LinkRow, toLink } from '../authority/facts.ts';
import { linkColumns } from '../authority/facts-query.ts';
import { prepared } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { DB } from '../platform/schema.gen.ts';

export type Delegate =
  | { kind: 'user'; userId: string; membershipId: string }
  | { kind: 'organization'; organizationId: string }
  /** everybody who stands in the relation there or below */
  | { kind: 'relation'; relation: RelationKind; organizationId: string; path: string }
  | { kind: 'client'; clientId: string };

export type NewDelegation = {
  id?: string;
  parent: Chain;
  giverUserId: string | null;
  /** the giver's own link, where the new one hangs below a standing delegation instead */
  giverDelegationId: string | null;
  delegate: Delegate;
  adminRoleId: string | null;
  /** beyond those of the admin role */
  permissions: string[];
  scope: Box[];
  entitlements: EntitlementLimit;
  startsAt: Date;
  endsAt: Date;
  /** the days in the zone of the (first) place that the instants come from; absent where instants were chosen */
  firstDay?: string | null;
  lastDay?: string | null;
  mayPassOn: number;
  /** people and open invitations that an organization may have; standing delegations only */
  seats?: number | null;
  /** the membership in which the giver acted */
  giverMembershipId?: string | null;
  reason?: string;
};

/** What the event log keeps of a link: enough to fold the authority state from it (I53). */
export type DelegationState = Record<string, unknown> & { id: string };

/** An instant for PostgreSQL: the outermost dates of JavaScript are its infinities. */
export const toInstant = (date: Date): string =>
  date >= alwaysAfter ? 'infinity' : date <= alwaysBefore ? '-infinity' : date.toISOString();

/**
 * The rows of new links, in the order of columns of `delegation`; inserted set-based, thousands at a time. What stands above
 * one is read from its parent's row: the call that loaded the parent may have hung it elsewhere since.
 */
export async function insertDelegations(
  db: Kysely<DB>,
  created: readonly NewDelegation[],
): Promise<DelegationState[]> {
  const rows = created.map((link) => ({
    id: link.id ?? newId(),
    kind: 'administer',
    parent_id: link.parent[0]!.id,
    giver_user_id: link.giverUserId,
    giver_delegation_id: link.giverDelegationId,
    delegate_kind: link.delegate.kind,
    delegate_user_id: link.delegate.kind === 'user' ? link.delegate.userId : null,
    delegate_membership_id: link.delegate.kind === 'user' ? link.delegate.membershipId : null,
    delegate_organization_id: 'organizationId' in link.delegate ? link.delegate.organizationId : null,
    delegate_client_id: link.delegate.kind === 'client' ? link.delegate.clientId : null,
    relation: link.delegate.kind === 'relation' ? link.delegate.relation : null,
    relation_path: link.delegate.kind === 'relation' ? link.delegate.path : null,
    giver_membership_id: link.giverMembershipId ?? null,
    seats: link.seats ?? null,
    admin_role_id: link.adminRoleId,
    permissions: link.permissions,
    scope: link.scope,
    place_paths: link.scope.flatMap((box) => (box.places ?? []).map((place) => place.path)),
    entitlements: link.entitlements,
    starts_at: toInstant(link.startsAt),
    ends_at: toInstant(link.endsAt),
    first_day: link.firstDay ?? null,
    last_day: link.lastDay ?? null,
    may_pass_on: link.mayPassOn,
    state: 'active',
    reason: link.reason ?? '',
  }));
  const { rows: written } = await sql<{ id: string; chain: string[] }>`${prepared}
    insert into delegation (id, kind, parent_id, chain, giver_user_id, giver_delegation_id, delegate_kind, delegate_user_id, delegate_membership_id,
      delegate_organization_id, delegate_client_id, relation, relation_path, giver_membership_id, seats, admin_role_id, permissions, scope, place_paths, entitlements, starts_at, ends_at, first_day, last_day, may_pass_on, state, reason)
    select r.id, r.kind, r.parent_id, p.id || p.chain, r.giver_user_id, r.giver_delegation_id, r.delegate_kind, r.delegate_user_id, r.delegate_membership_id,
      r.delegate_organization_id, r.delegate_client_id, r.relation, r.relation_path, r.giver_membership_id, r.seats, r.admin_role_id, r.permissions, r.scope, r.place_paths, r.entitlements, r.starts_at, r.ends_at, r.first_day, r.last_day, r.may_pass_on, r.state, r.reason
    from jsonb_populate_recordset(null::delegation, ${JSON.stringify(rows)}::jsonb) r join delegation p on p.id = r.parent_id
    returning id, chain`.execute(db);
  if (written.length < rows.length) throw new Error('a parent of these links is not there');
  const above = new Map(written.map(({ id, chain }) => [id, chain]));
  // The reason is somebody's own words and may name anybody: it stands outside what the trail seals.
  return rows.map(({ reason: _, ...state }) => ({ ...state, chain: above.get(state.id)! }));
}

/** A link with its ancestors, nearest first; undefined when there is none. */
export async function loadChain(db: Kysely<DB>, delegationId: string): Promise<Chain | undefined> {
  return (await loadChains(db, [delegationId])).get(delegationId);
}

/** Several links with their ancestors, by one statement. */
export async function loadChains(
  db: Kysely<DB>,
  delegationIds: readonly string[],
): Promise<Map<string, Chain>> {
  const { rows } = await sql<LinkRow>`${prepared}
    select to_jsonb(r) as link from (
      select ${linkColumns} from delegation d where d.id in (
        select unnest(array_append(x.chain, x.id)) from delegation x where x.id = any (${delegationIds}::uuid[]))
    ) r`.execute(db);
  const links = new Map((rows as unknown as { link: LinkRow }[]).map(({ link }) => [link.id, toLink(link)]));
  return new Map(
    delegationIds.flatMap((id) =>
      links.has(id) ? [[id, chainOf(links.get(id)!, links)] as [string, Chain]] : [],
    ),
  );
}

/** Where a delegation stands for deciding about it: the organization its (first) scope place names. */
export async function delegationTarget(db: Kysely<DB>, delegationId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'delegation' as kind, d.id, o.id as "organizationId", o.path, place_is_off(o.path) as off, d.delegate_user_id as "userId",
      line_of(d.delegate_user_id, o.path) as line
    from delegation d join organization o on o.path = d.place_paths[1] where d.id = ${delegationId} and d.delegate_kind <> 'root'`.execute(
    db,
  );
  return rows[0];
}

/** Which application the entitlements belong to that these limits name. */
export async function loadApplicationOf(
  db: Kysely<DB>,
  limits: readonly EntitlementLimit[],
): Promise<(entitlementId: string) => string | undefined> {
  const ids = limits.flatMap((limit) => (limit.all ? [] : limit.entitlements));
  if (ids.length === 0) return () => undefined;
  const { rows } = await sql<{ id: string; application_id: string }>`
    select id, application_id from entitlement where id = any (${ids}::uuid[])`.execute(db);
  const known = new Map(rows.map((row) => [row.id, row.application_id]));
  return (id) => known.get(id);
}

/** Every limit along the actor's links, for `loadApplicationOf`. */
export const limitsOf = (links: Iterable<Link>): EntitlementLimit[] =>
  [...links].map((link) => link.entitlements);

/** Who holds these links themselves, and the places that they name. */
export async function managersOn(
  { db }: { db: Kysely<DB> },
  which: RawBuilder<unknown>,
): Promise<{ members: string[]; places: string[] }> {
  const { rows } = await sql<{ member: string; places: string[] }>`
    select d.delegate_membership_id as member, d.place_paths as places from delegation d
    where d.kind = 'administer' and d.delegate_kind = 'user' and d.state <> 'ended' and (${which})`.execute(
    db,
  );
  return { members: rows.map(({ member }) => member), places: rows.flatMap(({ places }) => places) };
}
