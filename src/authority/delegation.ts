import type { Permission } from './permissions.ts';
import { type Hole, type Place, placeCovers } from './place.ts';

/**
 * The delegation record and what a chain of them means (design, section 2). Pure: loaded facts in, values out.
 */
export type Box = {
  /** organizations with or without those below; absent means everywhere the other parts reach */
  places?: Place[];
  /** only where the relation that the link was given to holds for whoever uses it, inside `places` */
  where?: 'relation';
  holes?: Hole[];
  /** named users; absent means everybody there */
  users?: string[];
  /** somebody's reports: those of the membership `of`, or of whoever uses the link when it is absent */
  reports?: ReportsOf;
};

/** People whose line manager somebody is: directly, or up to 16 levels down. */
export type ReportsOf = { of?: string; depth: 'direct' | 'all'; except?: string | undefined };

/** Reports of one membership, settled; `except` is the person who asks, who is never in it. */
export type Reports = { of: string; depth: 'direct' | 'all'; except?: string | undefined };

export const relationKinds = ['managers', 'line-managers', 'guardians', 'members'] as const;
export type RelationKind = (typeof relationKinds)[number];

export type EntitlementLimit = (
  | { all: true }
  | { all?: undefined; applications: string[]; entitlements: string[] }
) & {
  /** of a deputy: only what carries these risks */
  risk?: string[];
};

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
  /** with `delegateOrganizationId` and its path: everybody who stands in this relation there or below */
  relation: RelationKind | null;
  relationPath: string | null;
  /** the membership in which it was given: below a relation, and for deputies, its standing counts at use */
  giverMembershipId: string | null;
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
  /** set when the chain is put together: the giver below a relation does not stand in it any more */
  lapsed?: true;
};

/** A link with its ancestors, nearest first; the last one is the root row. */
export type Chain = Link[];

/** Why a link stops everything below it. */
export type StopReason = 'ended' | 'paused' | 'expired' | 'not-begun' | 'too-deep' | 'lapsed' | 'broken';
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
  /** memberships of the person's line managers there, nearest first */
  line?: readonly string[] | undefined;
  entitlement?: EntitlementRef | undefined;
};

/** The part of a target that a boundary is compared with. */
export type Spot = Pick<Target, 'path' | 'userId' | 'line' | 'off'>;

/** The chain of `link` from rows loaded; broken when an ancestor is missing. Not settled: see `chainIn`. */
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
    if (link.lapsed) return { link, reason: 'lapsed' };
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
export function scopeCovers(link: Link, target: Spot, reachesOff: boolean): boolean {
  return link.scope.some((box) => boxCovers(box, link, target, reachesOff));
}

function boxCovers(box: Box, link: Link, target: Spot, reachesOff: boolean): boolean {
  if (target.off && !reachesOff) return false;
  if (box.users && (!target.userId || !box.users.includes(target.userId))) return false;
  if (box.reports && !reportsCover(box.reports, target)) return false;
  if (box.holes?.some((hole) => placeCovers(hole, target.path))) return false;
  // A relation that was not settled holds nowhere.
  if (box.where) return false;
  if (!box.places) return true;
  return box.places.some((place) => placeCovers(place, target.path) && !link.offPlaces.includes(place.path));
}

/** Is the person of the target one of these reports? Reports that were not settled are nobody's. */
export function reportsCover(reports: ReportsOf, target: Spot): boolean {
  const { of, depth, except } = reports;
  if (!of || !target.userId || !target.line || target.userId === except) return false;
  return depth === 'direct' ? target.line[0] === of : target.line.includes(of);
}

/** When a chain ends of itself: with the first of its links. */
export const endOf = (chain: Chain): Date =>
  chain.reduce((end, link) => (link.endsAt < end ? link.endsAt : end), chain[0]!.endsAt);

/** True when the chain's every link covers the place and the person of the target. */
export const reachesTarget = (chain: Chain, target: Spot, reachesOff: boolean): boolean =>
  chain.every((link) => scopeCovers(link, target, reachesOff));
