import type { Permission } from './permissions.ts';
import { type Hole, type Place, placeCovers } from './place.ts';

/**
 * The delegation record and what a chain of them means (design, section 2). Pure: loaded facts in, values out.
 */
export type Box = {
  /** organizations with or without those below; absent means everywhere the other parts reach */
  places?: Place[];
  holes?: Hole[];
  /** named users; absent means everybody there */
  users?: string[];
};

export type EntitlementLimit =
  | { all: true }
  | { all?: undefined; applications: string[]; entitlements: string[] };

export type DelegateKind = 'root' | 'user' | 'organization' | 'relation' | 'client';

export type Link = {
  id: string;
  kind: 'administer' | 'approve' | 'represent';
  parentId: string | null;
  /** ancestors, nearest first */
  chain: string[];
  giverUserId: string | null;
  giverDelegationId: string | null;
  delegateKind: DelegateKind;
  delegateUserId: string | null;
  delegateMembershipId: string | null;
  delegateOrganizationId: string | null;
  delegateClientId: string | null;
  adminRoleId: string | null;
  permissions: string[];
  scope: Box[];
  /** those of its places that are, or lie below, a suspended or closed organization now */
  offPlaces: string[];
  entitlements: EntitlementLimit;
  startsAt: Date;
  endsAt: Date;
  mayPassOn: number;
  seats: number | null;
  state: 'active' | 'paused' | 'ended';
  endedAt: Date | null;
  version: number;
};

/** A link with its ancestors, nearest first; the last one is the root row. */
export type Chain = Link[];

/** Why a link stops everything below it. */
export type StopReason = 'ended' | 'paused' | 'expired' | 'not-begun' | 'too-deep' | 'broken';
export type Stop = { link: Link | undefined; reason: StopReason };

export type EntitlementRef = { id: string; applicationId: string };

/** What an act is aimed at: a place, and a person and an entitlement where they apply. */
export type Target = {
  kind: string;
  id: string | null;
  organizationId: string;
  path: string;
  /** the place, or one above it, is suspended or closed */
  off: boolean;
  userId?: string | undefined;
  entitlement?: EntitlementRef | undefined;
};

/** The chain of `link` from rows loaded; broken when an ancestor is missing. */
export function chainOf(link: Link, rows: ReadonlyMap<string, Link>): Chain {
  const chain: Chain = [link];
  for (const id of link.chain) {
    const ancestor = rows.get(id);
    if (ancestor) chain.push(ancestor);
  }
  return chain;
}

/**
 * The link that stops this chain at `at`, itself included; undefined when the chain is effective. Vacancy does
 * not count: what a leaver gave stands. `mayPassOn` is compared here, at use: n links below need n <= mayPassOn.
 */
export function stopOf(chain: Chain, at: Date): Stop | undefined {
  const [held] = chain;
  if (!held || chain.length !== held.chain.length + 1 || chain.at(-1)!.delegateKind !== 'root')
    return { link: undefined, reason: 'broken' };
  // From the root down: the highest stopped link is the reason, whatever else stopped below it.
  for (let above = chain.length - 1; above >= 0; above -= 1) {
    const link = chain[above]!;
    if (link.delegateKind === 'root') continue;
    if (link.state === 'ended') return { link, reason: 'ended' };
    if (link.state === 'paused') return { link, reason: 'paused' };
    if (at < link.startsAt) return { link, reason: 'not-begun' };
    if (at >= link.endsAt) return { link, reason: 'expired' };
    if (link.kind !== held.kind) return { link, reason: 'broken' };
    if (link.mayPassOn < above) return { link, reason: 'too-deep' };
  }
  return undefined;
}

export const hasPermission = (chain: Chain, permission: Permission): boolean =>
  chain.every((link) => link.permissions.includes(permission));

export function limitCovers(limit: EntitlementLimit, entitlement: EntitlementRef): boolean {
  if (limit.all) return true;
  return (
    limit.applications.includes(entitlement.applicationId) || limit.entitlements.includes(entitlement.id)
  );
}

export const hasEntitlement = (chain: Chain, entitlement: EntitlementRef): boolean =>
  chain.every((link) => limitCovers(link.entitlements, entitlement));

/**
 * True when one box of the link holds the target. A place that is itself off drops out; one above an off
 * organization keeps it for reading and reopening, which `reachesOff` asks for.
 */
export function scopeCovers(
  link: Link,
  target: Pick<Target, 'path' | 'userId' | 'off'>,
  reachesOff: boolean,
): boolean {
  return link.scope.some((box) => boxCovers(box, link, target, reachesOff));
}

function boxCovers(
  box: Box,
  link: Link,
  target: Pick<Target, 'path' | 'userId' | 'off'>,
  reachesOff: boolean,
): boolean {
  if (target.off && !reachesOff) return false;
  if (box.users && (!target.userId || !box.users.includes(target.userId))) return false;
  if (box.holes?.some((hole) => placeCovers(hole, target.path))) return false;
  if (!box.places) return true;
  return box.places.some((place) => placeCovers(place, target.path) && !link.offPlaces.includes(place.path));
}

/** True when the chain's every link covers the place and the person of the target. */
export const reachesTarget = (
  chain: Chain,
  target: Pick<Target, 'path' | 'userId' | 'off'>,
  reachesOff: boolean,
): boolean => chain.every((link) => scopeCovers(link, target, reachesOff));
