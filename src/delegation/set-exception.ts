import { type Kysely, sql } from 'kysely';
import { missingForAct } from '../access/rules.ts';
import { chainIn } from '../authority/chain.ts';
import { type Chain, hasEntitlement, hasPermission, type Target } from '../authority/delegation.ts';
import { isOwners } from '../authority/exception.ts';
import type { Facts } from '../authority/facts.ts';
import { isPermission, type Permission, permissionNames } from '../authority/permissions.ts';
import { isAtOrBelow, type Place, placeOverlap, placeWithin } from '../authority/place.ts';
import { coversBelow, regionsOf } from '../authority/region.ts';
import { say } from '../authority/say.ts';
import { isSelf } from '../authority/self.ts';
import { limitWithin } from '../authority/within.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { limitsOf, loadApplicationOf, loadChain, loadChains } from './store.ts';

/** What an exception is about: where, which acts (none named: all), and for one thing or person only. */
export type About = {
  place: Place;
  permissions: readonly string[];
  /** with the role, its application */
  application: string | null;
  entitlement: string | null;
  userId: string | null;
};

/** Acts that hand out access: the only ones that an exception about an application or a role is about. */
const handingOut: Permission[] = ['access.grant', 'access.end', 'request.decide'];

const actsOf = ({ permissions, application }: About): Permission[] => {
  const chosen = permissions.length > 0 ? permissions.filter(isPermission) : permissionNames;
  return application ? chosen.filter((name) => handingOut.includes(name)) : chosen;
};

/** Does the chain let do `act` all over what the exception is about? A hole, or another exception, is in the way. */
export function coversAbout(
  facts: Facts,
  chain: Chain,
  act: Permission,
  about: About,
  target: Target,
): boolean {
  const below = about.place.below && !about.userId;
  if (missingForAct(chain, { permissions: [act], entitlements: [], below }, target, facts)) return false;
  if (about.place.below && about.userId && !coversPerson(chain, about)) return false;
  if (about.entitlement)
    return hasEntitlement(chain, { id: about.entitlement, applicationId: about.application! });
  return (
    !about.application ||
    chain.every(
      ({ entitlements }) => entitlements.all || entitlements.applications.includes(about.application!),
    )
  );
}

/** One person, wherever in and below the place. */
const coversPerson = (chain: Chain, { place, userId }: About): boolean =>
  coversBelow(chain, place.path) ||
  regionsOf(chain).some(
    (region) =>
      placeWithin(place, region.place) &&
      region.users?.includes(userId!) === true &&
      region.reports.length === 0 &&
      !region.holes.some((hole) => placeOverlap(hole, place)),
  );

/**
 * The chain under which the actor sets it: of several the highest, whose holders and those above stay free of it.
 * What is taken is taken from those below. Nobody narrows a peer or somebody above: not one whom the exception would
 * bind, and not somebody above as the person whom nobody may touch.
 * @throws Refusal `user.self`, `exception.above`; `not-permitted` when no one chain covers all of it
 */
export async function chainToSet(context: Context, about: About): Promise<Chain> {
  const { db, facts, target } = context;
  if (about.userId && isSelf(facts, about.userId)) throw refuse('user.self');
  const covering = facts.held
    .map((held) => chainIn(facts, held))
    .filter((one) => coversAbout(facts, one, 'exception.set', about, target));
  if (covering.length === 0)
    throw refuse('not-permitted', {
      permission: 'exception.set',
      missing: say('missing.allOfIt'),
    });
  for (const chain of covering) {
    if (about.userId && (await standsAbove(db, about.userId, chain))) continue;
    const beside = await boundBy(db, about, {
      free: chain.map(({ id }) => id),
      under: chain[0]!.id,
      depth: chain[0]!.chain.length,
    });
    if (beside.length === 0) return chain;
  }
  throw refuse('exception.above');
}

/** An owner, or somebody who holds a link above this one. */
async function standsAbove(db: Kysely<DB>, userId: string, chain: Chain): Promise<boolean> {
  const { rows } = await sql`
    select 1 from delegation d left join delegation r on r.id = d.parent_id
    where d.delegate_user_id = ${userId} and d.kind = 'administer' and d.state <> 'ended'
      and (d.id = any (${chain.map(({ id }) => id)}::uuid[]) or r.delegate_kind = 'root') limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/**
 * The links whose holders an exception binds, besides those that hang below `under`; with `depth`, only those that hang
 * no deeper than it. Each with the acts that it takes from them.
 */
async function boundBy(
  db: Kysely<DB>,
  about: About,
  { free, under, depth }: { free: readonly string[]; under: string; depth?: number },
): Promise<{ chain: Chain; acts: Permission[] }[]> {
  const { place } = about;
  const acts = actsOf(about);
  const { rows } = await sql<{ id: string }>`
    select d.id from delegation d left join admin_role r on r.id = d.admin_role_id
    where d.kind = 'administer' and d.delegate_kind in ('user', 'relation', 'client') and d.state <> 'ended' and d.ends_at > remit_now()
      and cardinality(d.chain) > 1 and d.id <> all (${free}::uuid[]) and not d.chain @> array[${under}::uuid]
      ${depth === undefined ? sql`` : sql`and cardinality(d.chain) <= ${depth}`}
      and d.permissions || coalesce(r.permissions, '{}') && ${acts}::text[]
      and (d.place_paths && path_ancestors(${place.path}) or d.place_paths = '{}'
        ${place.below ? sql`or exists (select 1 from unnest(d.place_paths) p (path) where p.path collate "C" >= ${place.path} and p.path collate "C" < ${`${place.path}/`})` : sql``})`.execute(
    db,
  );
  const chains = await loadChains(
    db,
    rows.map(({ id }) => id),
  );
  return [...chains.values()].flatMap((chain) => {
    const taken = acts.filter((name) => hasPermission(chain, name));
    return taken.length > 0 && meets(chain, about) ? [{ chain, acts: taken }] : [];
  });
}

/** Could this chain reach any of it? By its places and named people alone: who reports to whom changes. */
const meets = (chain: Chain, { place, userId, application, entitlement }: About): boolean =>
  chain.every(
    ({ scope, entitlements }) =>
      scope.some(
        (box) =>
          (!box.places || box.places.some((one) => placeOverlap(one, place))) &&
          !box.holes?.some((hole) => placeWithin(place, hole)) &&
          (!userId || !box.users || box.users.includes(userId)),
      ) &&
      (!application ||
        entitlements.all ||
        entitlements.applications.includes(application) ||
        (entitlement
          ? entitlements.entitlements.includes(entitlement)
          : entitlements.entitlements.length > 0)),
  );

/**
 * The chain under which the actor lifts it. Lifting gives again (ruling 4): the actor holds the link it was set under or
 * one above, or is an owner; with the right to pass on, all over what it is about, whatever anybody gets back by it.
 * @throws Refusal `exception.from-above`
 */
export async function chainToLift(context: Context, about: About, setUnder: string | null): Promise<Chain> {
  const { db, facts, target } = context;
  const free = setUnder ? ((await loadChain(db, setUnder)) ?? []).map(({ id }) => id) : [];
  for (const held of facts.held) {
    const chain = chainIn(facts, held);
    if (!free.includes(held.id) && !isOwners(chain)) continue;
    const acts: Permission[] = [
      'exception.set',
      'delegation.create',
      ...about.permissions.filter(isPermission),
    ];
    if (!acts.every((act) => coversAbout(facts, chain, act, about, target))) continue;
    if (isOwners(chain) || (await givesBackOwn(db, chain, about, free))) return chain;
  }
  throw refuse('exception.from-above');
}

/** Does everybody get back only what this chain holds? Those below it hold no more than it does. */
async function givesBackOwn(
  db: Kysely<DB>,
  own: Chain,
  about: About,
  free: readonly string[],
): Promise<boolean> {
  const others = await boundBy(db, about, { free, under: own[0]!.id });
  const applicationOf = await loadApplicationOf(
    db,
    [own, ...others.map(({ chain }) => chain)].flatMap((chain) => limitsOf(chain)),
  );
  return others.every(
    ({ chain, acts }) =>
      acts.every((name) => hasPermission(own, name)) &&
      own.every((link) => chain.some(({ endsAt }) => endsAt <= link.endsAt)) &&
      (!acts.some((name) => handingOut.includes(name)) ||
        own.every((link) =>
          chain.some(({ entitlements }) => limitWithin(entitlements, link.entitlements, applicationOf)),
        )),
  );
}

/** Whether a person's place lies in what an exception is for. */
export const liesIn = (place: Place, path: string): boolean =>
  place.below ? isAtOrBelow(path, place.path) : path === place.path;
