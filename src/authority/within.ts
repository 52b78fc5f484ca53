import {
  type Box,
  type Chain,
  type EntitlementLimit,
  limitCovers,
  type Reports,
  stopOf,
} from './delegation.ts';
import type { Permission } from './permissions.ts';
import { type Place, placeWithin } from './place.ts';
import { regionsOf, reportsWithin } from './region.ts';

/** What somebody wants to pass on. */
export type Proposal = {
  permissions: Permission[];
  scope: Box[];
  entitlements: EntitlementLimit;
  startsAt: Date;
  endsAt: Date;
  mayPassOn: number;
};

/** The one thing that a proposal has more of than the chain it would hang below (I01, I04). */
export type Excess =
  | { piece: 'permission'; permission: string }
  | { piece: 'place'; place: Place | undefined }
  | { piece: 'entitlement' }
  | { piece: 'period' }
  | { piece: 'passing-on' }
  | { piece: 'link' };

/** Which applications the entitlements of a limit belong to, so that "all roles of X" can hold "role r of X". */
export type ApplicationOf = (entitlementId: string) => string | undefined;

/**
 * Is `proposal` within what `parent` gives at `at`? At use the chain intersects anyway; here a manager who asks for
 * more is told so, instead of believing that it was given. Undefined when it is within.
 */
export function excessOver(
  parent: Chain,
  proposal: Proposal,
  at: Date,
  applicationOf: ApplicationOf,
  delegate?: ReportsHolder,
): Excess | undefined {
  if (stopOf(parent, at)) return { piece: 'link' };
  for (const permission of proposal.permissions)
    if (!parent.every((link) => link.permissions.includes(permission)))
      return { piece: 'permission', permission };
  const outside = placeOutside(parent, proposal.scope, delegate);
  if (outside) return { piece: 'place', place: outside.place };
  if (!parent.every((link) => limitWithin(proposal.entitlements, link.entitlements, applicationOf)))
    return { piece: 'entitlement' };
  // All above have begun, or they would stop it; what lies in the past gives nothing.
  if (parent.some((link) => proposal.endsAt > link.endsAt)) return { piece: 'period' };
  if (!mayHangBelow(parent) || proposal.mayPassOn > passingOnLeft(parent)) return { piece: 'passing-on' };
  return undefined;
}

/** One more link may hang below this chain: n links below need n <= mayPassOn, at every link above. */
export const mayHangBelow = (parent: Chain): boolean =>
  parent.every((link, distance) => link.delegateKind === 'root' || link.mayPassOn >= distance + 1);

/** How many links may hang below a new link that hangs below this chain. */
export const passingOnLeft = (parent: Chain): number =>
  Math.max(
    0,
    Math.min(
      ...parent.map(
        (link, distance) => (link.delegateKind === 'root' ? 1000 : link.mayPassOn) - distance - 1,
      ),
    ),
  );

/** The first place of the scope that lies outside; `place: undefined` where it is the people that do. */
function placeOutside(
  parent: Chain,
  scope: Box[],
  delegate: ReportsHolder,
): { place: Place | undefined } | undefined {
  const regions = regionsOf(parent);
  for (const box of scope) {
    // Nobody named, no reports and no place: that would be everybody.
    if (!box.places && !box.users && !box.reports) return { place: undefined };
    for (const place of box.places ?? [undefined]) {
      const inside = regions.some((region) => {
        if (place && !placeWithin(place, region.place)) return false;
        if (place && region.holes.some((hole) => placeWithin(place, hole))) return false;
        if (region.users && !box.users?.every((id) => region.users!.includes(id))) return false;
        return region.reports.every((outer) => reportsInside(box, outer, delegate));
      });
      if (!inside) return { place };
    }
  }
  return undefined;
}

/** Whose own reports the box means when it names nobody: the delegate, with the line managers above them. */
export type ReportsHolder =
  | { membershipId?: string | undefined; line?: readonly string[] | undefined }
  | undefined;

/** Reports of somebody who is themselves a report are reports too; at use both are asked again. */
function reportsInside({ reports }: Box, outer: Reports, delegate: ReportsHolder): boolean {
  if (!reports) return false;
  const of = reports.of ?? delegate?.membershipId;
  if (!of) return false;
  if (reportsWithin({ of, depth: reports.depth }, outer)) return true;
  return outer.depth === 'all' && of === delegate?.membershipId && (delegate.line ?? []).includes(outer.of);
}

export function limitWithin(
  inner: EntitlementLimit,
  outer: EntitlementLimit,
  applicationOf: ApplicationOf,
): boolean {
  if (outer.all) return true;
  if (inner.all) return false;
  return (
    inner.applications.every((id) => outer.applications.includes(id)) &&
    inner.entitlements.every((id) => limitCovers(outer, { id, applicationId: applicationOf(id) ?? '' }))
  );
}
