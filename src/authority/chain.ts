import {
  type Box,
  type Chain,
  chainOf,
  hasPermission,
  type Link,
  type Reports,
  stopOf,
} from './delegation.ts';
import type { Facts, StanderRow } from './facts.ts';
import { isAtOrBelow, type Place, placeOverlap, placeWithin } from './place.ts';
import { type Region, regionsOf } from './region.ts';

/** What a relation reads of somebody: where they belong, and whom they look after there. */
export type Stander = {
  membershipId: string;
  userId: string;
  path: string;
  /** an active user, inside the membership and its days, from an open organization */
  stands: boolean;
  hasReports: boolean;
  /** households in which they are a guardian */
  guardianOf: string[];
  /** as it was read: its days say when any of this changes by itself */
  read?: Pick<StanderRow, 'startsAt' | 'endsAt' | 'reportsUntil' | 'guardianships'>;
};

type Loaded = Pick<Facts, 'actor' | 'at' | 'links' | 'standers'>;

const settledChains = new WeakMap<ReadonlyMap<string, Link>, Map<string, Chain>>();

/**
 * The chain of a link that this actor holds, settled: "where the relation holds" and "the delegate's own reports" become
 * places and people. Each link is used by whoever acted under it: the actor under the first one; under a relation
 * further up, the giver of the next link, who has to stand in it still.
 */
export function chainIn(facts: Loaded, held: Link): Chain {
  let known = settledChains.get(facts.links);
  if (!known) {
    known = new Map();
    settledChains.set(facts.links, known);
  }
  const key = `${held.id} ${facts.actor.kind === 'user' ? facts.actor.membershipId : ''}`;
  const earlier = known.get(key);
  if (earlier) return earlier;
  const raw = chainOf(held, facts.links);
  const chain = raw.every(isSettled) ? raw : raw.map((link, index) => settle(facts, link, raw[index - 1]));
  known.set(key, chain);
  return chain;
}

const isSettled = (link: Link): boolean =>
  link.relation === null && link.scope.every((box) => !box.where && !box.reports);

function settle(facts: Loaded, link: Link, below: Link | undefined): Link {
  if (isSettled(link)) return link;
  const actor = facts.actor.kind === 'user' ? facts.actor : undefined;
  const userMembershipId = link.relation
    ? below
      ? below.giverMembershipId
      : actor?.membershipId
    : link.delegateMembershipId;
  const regions = link.relation ? whereRelated(facts, link, userMembershipId) : undefined;
  if (link.relation && (!regions || regions.length === 0))
    // It stops the chain; its boundary stays readable, so that "why not" names that and not the place.
    return { ...link, scope: link.scope.map(({ where: _, reports: __, ...box }) => box), lapsed: true };
  return {
    ...link,
    scope: link.scope.flatMap((box) => settleBox(box, regions, userMembershipId ?? undefined, actor?.userId)),
  };
}

function settleBox(
  box: Box,
  regions: Region[] | undefined,
  membershipId: string | undefined,
  except: string | undefined,
): Box[] {
  const { where, reports, places, ...others } = box;
  const rest = places ? { ...others, places } : others;
  const of = reports?.of ?? membershipId;
  // Nobody's reports are no reports: a machine or an organization has none.
  if (reports && !of) return [];
  const settled: Reports | undefined = reports && { of: of!, depth: reports.depth, except };
  const people = settled ? { ...rest, reports: settled } : rest;
  if (where !== 'relation') return [people];
  return (regions ?? []).flatMap(({ place, holes }) =>
    (places ?? [place]).flatMap((named) => {
      const both = placeOverlap(named, place);
      return both ? [{ ...people, places: [both], holes: [...(box.holes ?? []), ...holes] }] : [];
    }),
  );
}

/** Where this membership stands in the relation of the link now; undefined or empty when nowhere. */
export function whereRelated(
  facts: Loaded,
  link: Pick<Link, 'relation' | 'relationPath' | 'delegateOrganizationId'>,
  membershipId: string | null | undefined,
): Region[] | undefined {
  const stander = membershipId ? facts.standers.get(membershipId) : undefined;
  if (!stander?.stands) return undefined;
  const within: Place = { id: link.delegateOrganizationId!, path: link.relationPath!, below: true };
  const at = (path: string, below: boolean): Region[] =>
    isAtOrBelow(path, within.path)
      ? [{ place: { id: '', path, below }, holes: [], users: undefined, reports: [] }]
      : [];
  switch (link.relation!) {
    case 'members':
      return at(stander.path, false);
    case 'line-managers':
      return stander.hasReports ? at(stander.path, false) : undefined;
    case 'guardians':
      return stander.guardianOf.flatMap((path) => at(path, true));
    case 'managers':
      return managed(facts, stander.membershipId).filter(({ place }) => placeWithin(place, within));
  }
}

/**
 * Where somebody is a manager: by user-held links with `user.invite`, never through a relation, or "managers of" would
 * feed itself (design, section 2, point 5).
 */
function managed(facts: Loaded, membershipId: string): Region[] {
  const regions: Region[] = [];
  for (const link of facts.links.values()) {
    if (
      link.delegateKind !== 'user' ||
      link.delegateMembershipId !== membershipId ||
      link.kind !== 'administer'
    )
      continue;
    const chain = chainOf(link, facts.links);
    if (chain.some((one) => one.relation) || stopOf(chain, facts.at) || !hasPermission(chain, 'user.invite'))
      continue;
    regions.push(...regionsOf(chain).filter(({ users, reports }) => !users && reports.length === 0));
  }
  return regions;
}
