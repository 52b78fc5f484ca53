import { type Kysely, sql } from 'kysely';
import { isInstance, periodOf, permitFor } from '../access/rules.ts';
import { missingFrom } from '../authority/decide.ts';
import type { Box, Chain, EntitlementRef, Target } from '../authority/delegation.ts';
import { alwaysBefore, instant } from '../authority/facts.ts';
import { isPermission, type Permission } from '../authority/permissions.ts';
import { ancestorsOf, isAtOrBelow, placeCovers, placeOverlap, placeWithin } from '../authority/place.ts';
import type { Region } from '../authority/region.ts';
import {
  type ApplicationOf,
  type Excess,
  excessOver,
  type Proposal,
  passingOnLeft,
} from '../authority/within.ts';
import type { Context } from '../operation/operation.ts';
import type { DB } from '../platform/schema.gen.ts';
import { widest, widestRegions } from './moving.ts';
import { chainsHeld, type Journey, type MovingFacts } from './moving-facts.ts';
import { limitOf } from './rules.ts';

/** Acts that hand out access, and so are given with a limit of it. */
const aboutAccess: readonly Permission[] = [
  'access.grant',
  'access.end',
  'request.decide',
  'delegation.create',
];

/**
 * Does somebody gain by the move what the mover cannot give (law 1; ruling 2)? Everybody who looks after the new place,
 * or a place above it, gains authority over what comes there; whoever stands in a relation that is read there gains what
 * that relation is given; and an exception of the old place that does not bind any more is lifted.
 */
export async function excessOfMove(
  context: Context,
  journey: Journey,
  { around, above }: MovingFacts,
): Promise<Excess | undefined> {
  if (isInstance(context.facts)) return undefined;
  const { facts } = context;
  const mine = await chainsHeld(context.db, facts, context.actor);
  const old = { id: journey.top.id, path: journey.top.path, below: journey.below };
  const here: Target = {
    kind: 'organization',
    id: old.id,
    organizationId: old.id,
    path: old.path,
    off: false,
  };
  const mayGive = (gained: Gained, permission: Permission): Excess | undefined => {
    let least: Excess = { piece: 'permission', permission };
    for (const chain of mine) {
      const excess = excessOver(chain, gained.proposal(permission), context.at, around.applicationOf);
      if (excess) {
        if (excess.piece !== 'permission') least = excess;
        continue;
      }
      if (gained.boxes.some(({ places }) => places?.some(({ path }) => path === old.path))) {
        const missing = missingFrom(chain, permission, here, facts);
        if (missing?.piece === 'exception') continue;
      }
      return undefined;
    }
    return least;
  };
  for (const gained of gainedBy(journey, above, around.applicationOf)) {
    for (const permission of gained.permissions) {
      const excess = mayGive(gained, permission);
      if (excess) return excess;
    }
  }
  // What an exception of the old place denied comes back: lifting one takes somebody whom it does not bind (ruling 4).
  for (const { id } of await exceptionsLeft(context.db, journey)) {
    const binding = facts.exceptions.find((one) => one.id === id);
    if (binding && !mine.some((chain) => binding.free.includes(chain[0]!.id)))
      return { piece: 'place', place: undefined };
  }
  return undefined;
}

type Gained = { permissions: Permission[]; boxes: Box[]; proposal: (permission: Permission) => Proposal };

/** What comes to somebody new, link by link; what hangs below a link that gains lies within it. */
function gainedBy(
  journey: Journey,
  { chains, relations }: MovingFacts['above'],
  applicationOf: ApplicationOf,
): Gained[] {
  const gaining = chains.flatMap((chain) => {
    const regions = newRegions(chain, journey);
    return regions.length > 0 ? [{ chain, regions }] : [];
  });
  const ids = new Set(gaining.map(({ chain }) => chain[0]!.id));
  const place = { id: journey.top.id, path: journey.top.path, below: journey.below };
  const found = gaining
    .filter(({ chain }) => !chain[0]!.chain.some((id) => ids.has(id)))
    .map(({ chain, regions }) =>
      gainedOf(
        chain,
        regions.map(({ users }): Box => ({ places: [place], ...(users ? { users } : {}) })),
        applicationOf,
      ),
    );
  for (const chain of relations) {
    const link = chain[0]!;
    // Whoever looks after the new place gains where their relation is read.
    if (link.scope.some((box) => box.where))
      found.push(gainedOf(chain, [{ places: [place] }], applicationOf));
    // People who come into the relation gain all that it is given.
    if (isAtOrBelow(journey.top.path, link.relationPath!)) continue;
    const fixed = link.scope.filter((box) => !box.where);
    if (fixed.length > 0) found.push(gainedOf(chain, widest({ ...link, scope: fixed }).scope, applicationOf));
  }
  return found;
}

function gainedOf(chain: Chain, boxes: Box[], applicationOf: ApplicationOf): Gained {
  const permissions = chain[0]!.permissions
    .filter(isPermission)
    .filter((name) => chain.every((link) => link.permissions.includes(name)));
  const limit = limitOf(chain, applicationOf);
  const startsAt = chain.reduce(
    (start, one) => (one.startsAt > start ? one.startsAt : start),
    chain[0]!.startsAt,
  );
  const endsAt = chain.reduce((end, one) => (one.endsAt < end ? one.endsAt : end), chain[0]!.endsAt);
  const depth = Math.min(chain[0]!.mayPassOn, passingOnLeft(chain) + 1);
  return {
    permissions,
    boxes,
    proposal: (permission) => ({
      permissions: [permission],
      scope: boxes,
      entitlements: aboutAccess.includes(permission) ? limit : { applications: [], entitlements: [] },
      startsAt,
      endsAt,
      mayPassOn: permission === 'delegation.create' ? depth : 0,
    }),
  };
}

/** Regions of a chain that hold the new place and did not hold the old one. */
function newRegions(chain: Chain, { top, below, destination }: Journey): Region[] {
  const regions = widestRegions(chain);
  const old = { id: '', path: top.path, below };
  return regions.filter((region) => {
    if (!placeCovers(region.place, destination)) return false;
    if (region.holes.some((hole) => placeCovers(hole, destination))) return false;
    return !regions.some(
      (had) =>
        placeWithin(old, had.place) &&
        !had.holes.some((hole) => placeOverlap(hole, old)) &&
        (!had.users || had.users === region.users) &&
        (had.reports.length === 0 || had.reports === region.reports),
    );
  });
}

/** Exceptions that stand above the old place and not above the new one. */
async function exceptionsLeft(
  db: Kysely<DB>,
  { top, below, destination }: Journey,
): Promise<{ id: string }[]> {
  const kept = ancestorsOf(destination);
  const from = ancestorsOf(top.path).filter((path) => !(below && path === top.path) && !kept.includes(path));
  const { rows } = await sql<{ id: string }>`
    select e.id from exception e where e.path = any (${from}::text[]) and (e.below or e.path = ${top.path})
      and e.state = 'active' and e.ends_at > remit_now()`.execute(db);
  return rows;
}

/**
 * Roles that the people who come get because everybody there has them: by an assignment to the organization or one above,
 * or by a rule that stands there. @returns the first that the mover may not hand out here
 */
export async function accessBeyond(
  context: Context,
  journey: Journey,
  gained: readonly EntitlementRef[],
  target: Target,
): Promise<EntitlementRef | undefined> {
  const inherited = await inheritedThere(context.db, journey);
  const place = { ...target, off: false };
  const mayGive = (entitlement: EntitlementRef, until: Date): boolean => {
    const act = { permissions: ['access.grant'] as const, entitlements: [entitlement], below: journey.below };
    return permitFor(context.facts, act, place, (chain) => until <= periodOf(chain).endsAt) !== undefined;
  };
  return (
    inherited.find(({ until, ...entitlement }) => !mayGive(entitlement, until)) ??
    gained.find((entitlement) => !mayGive(entitlement, alwaysBefore))
  );
}

/**
 * Roles that everybody at the new place has and not everybody at the old one, and until when; for how long a rule gives
 * was decided by whoever made it.
 */
export async function inheritedThere(
  db: Kysely<DB>,
  { top, destination, below }: Journey,
): Promise<(EntitlementRef & { until: Date })[]> {
  const kept = ancestorsOf(top.path).slice(0, below ? -1 : undefined);
  const there = ancestorsOf(destination).filter((path) => !kept.includes(path));
  const { rows } = await sql<EntitlementRef & { until: string }>`
    with there as (select o.id from organization o where o.path = any (${there}::text[])),
    given as (
      select a.entitlement_id, a.access_role_id, a.ends_at as until from assignment a
        where a.organization_id in (select id from there) and a.state = 'active' and a.ends_at > remit_now()
      union all
      select r.entitlement_id, r.access_role_id, '-infinity' from access_rule r
        where (r.organization_id in (select id from there) or r.in_organization_id in (select id from there))
          and r.state <> 'ended' and r.ends_at > remit_now()
    )
    select e.id, e.application_id as "applicationId", max(g.until)::text as until from given g
    left join access_role_entitlement re on re.access_role_id = g.access_role_id
    join entitlement e on e.id = coalesce(g.entitlement_id, re.entitlement_id) group by e.id`.execute(db);
  return rows.map(({ until, ...one }) => ({ ...one, until: instant(until) }));
}
