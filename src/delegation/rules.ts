import { chainIn } from '../authority/chain.ts';
import { missingFrom } from '../authority/decide.ts';
import {
  type Box,
  type Chain,
  type EntitlementLimit,
  limitCovers,
  type Target,
} from '../authority/delegation.ts';
import { alwaysBefore, type Facts } from '../authority/facts.ts';
import type { Ceilings } from '../authority/holds.ts';
import type { Permission } from '../authority/permissions.ts';
import { isAtOrBelow } from '../authority/place.ts';
import {
  type ApplicationOf,
  type Excess,
  excessOver,
  type Proposal,
  passingOnLeft,
} from '../authority/within.ts';

/**
 * What somebody wants to pass on, before it is known below which link it will hang: `same` and absent fields
 * mean "as much as that link gives".
 */
export type Wish = {
  permissions: Permission[];
  scope: Box[];
  entitlements: EntitlementLimit | 'same';
  startsAt?: Date | undefined;
  endsAt?: Date | undefined;
  mayPassOn: number | 'same';
};

/** Standing delegations that a new link may hang below instead of its giver's own link. */
export type Above = {
  ceilings: Ceilings;
  /** the place whose ceiling counts */
  standingFor: string;
  /** of an organization that was given this one as a further parent */
  further: Chain[];
};

export type Parent = {
  /** the new link hangs below this one */
  parent: Chain;
  /** the giver's own chain that permits it */
  because: Chain;
  proposal: Proposal;
};

/**
 * Below which link a new one hangs (design, section 2, point 2): below the link its giver acts under; but managers of
 * an organization hang below its standing delegation when the giver stands above that, so that ending the standing
 * delegation ends them too. One chain must permit `delegation.create` over the scope and over the delegate, and hold
 * everything that is passed on. Otherwise the least excess, for the explanation.
 */
export function chooseParent(
  facts: Facts,
  { ceilings, standingFor, further }: Above,
  targets: readonly Target[],
  delegate: Target | undefined,
  wish: Wish,
  applicationOf: ApplicationOf,
): Parent | { excess: Excess } {
  let least: Excess = { piece: 'permission', permission: 'delegation.create' };
  for (const held of facts.held) {
    const because = chainIn(facts, held);
    if (targets.some((target) => missingFrom(because, 'delegation.create', target, facts))) continue;
    if (delegate && missingFrom(because, 'delegation.create', delegate, facts)) {
      least = { piece: 'place', place: undefined };
      continue;
    }
    const standing = [...further, ...ceilings.standingOf(standingFor)].filter(
      (chain) => chain[0]!.chain.includes(held.id) && targets.every((target) => reaches(chain, target.path)),
    );
    const parents = standing.length > 0 ? standing : [because];
    for (const parent of parents) {
      const proposal = settle(parent, wish, facts.at, applicationOf);
      const holder = delegate?.userId
        ? { membershipId: delegate.id ?? undefined, line: delegate.line }
        : undefined;
      const excess = excessOver(parent, proposal, facts.at, applicationOf, holder);
      if (!excess) return { parent, because, proposal };
      least = excess;
    }
  }
  return { excess: least };
}

const reaches = (chain: Chain, path: string): boolean =>
  chain[0]!.scope.some((box) => box.places?.some((place) => isAtOrBelow(path, place.path)));

/** Fills in what "as much as the parent gives" means, at the time it is given. */
export function settle(parent: Chain, wish: Wish, at: Date, applicationOf: ApplicationOf): Proposal {
  const latest = parent.reduce((end, link) => (link.endsAt < end ? link.endsAt : end), parent[0]!.endsAt);
  const earliest = parent.reduce(
    (start, link) => (link.startsAt > start ? link.startsAt : start),
    alwaysBefore,
  );
  return {
    permissions: wish.permissions,
    scope: wish.scope,
    entitlements: wish.entitlements === 'same' ? limitOf(parent, applicationOf) : wish.entitlements,
    startsAt: wish.startsAt ?? (earliest > at ? earliest : at),
    endsAt: wish.endsAt ?? latest,
    mayPassOn: wish.mayPassOn === 'same' ? passingOnLeft(parent) : wish.mayPassOn,
  };
}

/** The entitlements that a chain gives, as one limit. */
export function limitOf(chain: Chain, applicationOf: ApplicationOf): EntitlementLimit {
  return chain
    .map((link) => link.entitlements)
    .reduce((one, other) => intersectLimits(one, other, applicationOf));
}

export function intersectLimits(
  one: EntitlementLimit,
  other: EntitlementLimit,
  applicationOf: ApplicationOf,
): EntitlementLimit {
  if (one.all) return other;
  if (other.all) return one;
  const covered = (limit: EntitlementLimit, id: string): boolean =>
    limitCovers(limit, { id, applicationId: applicationOf(id) ?? '' });
  const entitlements = [
    ...one.entitlements.filter((id) => covered(other, id)),
    ...other.entitlements.filter((id) => covered(one, id)),
  ];
  return {
    applications: one.applications.filter((id) => other.applications.includes(id)),
    entitlements: [...new Set(entitlements)],
  };
}

/**
 * The actor's chain through which it may narrow, pause or end a link: it must hold a link above it, never a peer's.
 * Whoever holds the link itself may resign it, which is an act of its own.
 */
export function chainAbove(facts: Facts, linkChain: readonly string[], target: Target): Chain | undefined {
  for (const held of facts.held) {
    if (!linkChain.includes(held.id)) continue;
    const chain = chainIn(facts, held);
    if (!missingFrom(chain, 'delegation.end', target, facts)) return chain;
  }
  return undefined;
}
