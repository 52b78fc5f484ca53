import { type Kysely, sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { decide, missingFrom } from '../authority/decide.ts';
import { type Chain, type Link, reachesTarget, type Target } from '../authority/delegation.ts';
import { binds } from '../authority/exception.ts';
import type { Facts } from '../authority/facts.ts';
import { holders } from '../authority/holders.ts';
import type { Permission } from '../authority/permissions.ts';
import { placeOverlap } from '../authority/place.ts';
import { regionsOf } from '../authority/region.ts';
import { say } from '../authority/say.ts';
import { isSelf } from '../authority/self.ts';
import { type Excess, excessOver, passingOnLeft } from '../authority/within.ts';
import { describeExcess } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { chainAbove } from './rules.ts';
import { delegationTarget, limitsOf, loadApplicationOf, loadChains } from './store.ts';

/** A delegation that lets do what the role says, and where its delegate stands. */
type Use = { chain: Chain; delegate: Target };

/** Everybody who has the role: not those whose delegation has ended or is past its last day. */
async function usesOf(db: Kysely<DB>, adminRoleId: string): Promise<Use[]> {
  const { rows } = await sql<Target & { linkId: string }>`
    select d.id as "linkId", 'delegate' as kind, d.delegate_membership_id as id, o.id as "organizationId",
      -- What an organization may hand out is decided from above it.
      case when d.delegate_kind = 'organization' and o.parent_id is not null
        then regexp_replace(o.path, '\\.[^.]*$', '') else o.path end as path,
      false as off, d.delegate_user_id as "userId", coalesce(m.line, '{}') as line
    from delegation d
    left join membership m on m.id = d.delegate_membership_id
    left join client c on c.id = d.delegate_client_id
    join organization o on o.id = coalesce(m.organization_id, d.delegate_organization_id, c.organization_id)
    where d.admin_role_id = ${adminRoleId} and d.state <> 'ended' and d.ends_at > remit_now()
    order by d.id`.execute(db);
  const chains = await loadChains(
    db,
    rows.map(({ linkId }) => linkId),
  );
  return rows.map(({ linkId, userId, ...delegate }) => ({
    chain: chains.get(linkId)!,
    delegate: { ...delegate, userId: userId ?? undefined },
  }));
}

/**
 * Putting a permission into a role gives it to everybody who has the role (I01, ruling 4): for each of their delegations,
 * one chain of the editor must hold it with the right to pass it on, over that delegate and all of that boundary,
 * access and period. Nobody gives to themselves (I02).
 * @throws Refusal `user.self`, `admin-role.outside` with the first delegation that would reach further
 */
export async function mayAddToRole(
  context: Context,
  adminRoleId: string,
  added: readonly Permission[],
): Promise<void> {
  if (added.length === 0) return;
  const { db, facts, at } = context;
  const uses = await usesOf(db, adminRoleId);
  const applicationOf = await loadApplicationOf(db, [
    ...limitsOf(facts.links.values()),
    ...uses.flatMap(({ chain }) => limitsOf(chain)),
  ]);
  for (const { chain, delegate } of uses) {
    const link = chain[0]!;
    if (isSelf(facts, link.delegateUserId) || facts.held.some(({ id }) => id === link.id))
      throw refuse('user.self');
    const proposal = {
      permissions: [...added],
      scope: link.scope,
      entitlements: link.entitlements,
      startsAt: link.startsAt,
      endsAt: link.endsAt,
      // As far as it can be passed on from there: a chain is as short as its shortest link allows.
      mayPassOn: Math.max(0, Math.min(link.mayPassOn, passingOnLeft(chain) + 1)),
    };
    let least: Excess = { piece: 'permission', permission: 'delegation.create' };
    const within = facts.held.some((held) => {
      const own = chainIn(facts, held);
      if (!mayPassOnThere(facts, own, link, delegate)) return false;
      const holder = delegate.id ? { membershipId: delegate.id, line: delegate.line } : undefined;
      const excess = excessOver(own, proposal, at, applicationOf, holder);
      if (excess) least = excess;
      return !excess && !isCutThere(facts, own, chain, added);
    });
    if (!within) throw await tooFar(context, link, least);
  }
}

/** May the editor appoint this delegate over every place of the link? */
const mayPassOnThere = (facts: Facts, own: Chain, link: Link, delegate: Target): boolean =>
  [delegate, ...placesOf(link)].every((target) => !missingFrom(own, 'delegation.create', target, facts));

const placesOf = (link: Link): Target[] =>
  link.scope.flatMap((box) =>
    (box.places ?? []).map(({ id, path }) => ({
      kind: 'organization',
      id,
      organizationId: id,
      path,
      off: link.offPlaces.includes(path),
    })),
  );

/** What an exception keeps the editor from doing somewhere in there, the editor gives nobody there. */
const isCutThere = (facts: Facts, own: Chain, chain: Chain, added: readonly Permission[]): boolean =>
  facts.exceptions.some(
    (one) =>
      (['delegation.create', ...added] as const).some((name) => binds(one, own, name, facts.at)) &&
      regionsOf(chain).some(({ place }) => placeOverlap(place, one.place)),
  );

/** Who has it is said only to those who see that delegation (ruling 9). */
async function tooFar(context: Context, link: Link, excess: Excess) {
  const target = await delegationTarget(context.db, link.id);
  const seen = target && decide(context.facts, 'delegation.read', target).effect === 'permit';
  return refuse('admin-role.outside', {
    missing: seen ? describeExcess(excess) : say('excess.usedElsewhere'),
    ...(seen ? { delegationId: link.id, piece: excess.piece } : {}),
  });
}

/**
 * Taking a permission out narrows everybody's delegation that has the role. Who holds a link above may; and whoever
 * looks after the roles of its place, for delegations that stand further down than their own: never a peer's.
 * @throws Refusal `admin-role.from-above`
 */
export async function mayTakeFromRole(
  context: Context,
  adminRoleId: string,
  removed: readonly Permission[],
): Promise<void> {
  if (removed.length === 0) return;
  const own = context.permit.because;
  for (const { chain } of await usesOf(context.db, adminRoleId)) {
    const link = chain[0]!;
    // The first place says where a link stands, as for ending it; a link of named people stands where its delegate is.
    const target = await delegationTarget(context.db, link.id);
    if (target && chainAbove(context.facts, link.chain, target)) continue;
    const deeper = link.chain.length > (own[0]?.chain.length ?? Number.POSITIVE_INFINITY);
    const places = target ? [target, ...placesOf(link)] : placesOf(link);
    if (deeper && places.every((place) => reachesTarget(own, place, true))) continue;
    throw refuse('admin-role.from-above');
  }
}

/** Places of whoever has the role that have a manager now, where it could be the role that makes them one (I38). */
export async function placesWithManagers(
  context: Context,
  adminRoleId: string,
  removed: readonly Permission[],
): Promise<Target[]> {
  if (!removed.includes('user.invite')) return [];
  const places = new Map<string, Target>();
  for (const { chain } of await usesOf(context.db, adminRoleId))
    if (chain[0]!.delegateKind !== 'client')
      for (const place of placesOf(chain[0]!)) places.set(place.path, place);
  const managed: Target[] = [];
  for (const place of places.values()) if (await isManaged(context.db, place)) managed.push(place);
  return managed;
}

/** @throws Refusal `delegation.last-manager` when nobody could look after one of these places any more */
export async function refuseUnmanaged(context: Context, places: readonly Target[]): Promise<void> {
  for (const place of places) {
    if (await isManaged(context.db, place)) continue;
    const { rows } = await sql<{
      name: string;
    }>`select name from organization where id = ${place.organizationId}`.execute(context.db);
    const seen = context.decide('organization.read', place).effect === 'permit';
    throw refuse('delegation.last-manager', { organization: seen ? rows[0]!.name : say('anOrganization') });
  }
}

const isManaged = async (db: Kysely<DB>, place: Target): Promise<boolean> =>
  (await holders(db, 'user.invite', place)).some(({ canSignIn }) => canSignIn);
