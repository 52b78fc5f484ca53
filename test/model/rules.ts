/**
 * What a delegation means, written a second time from the design (section 2) with nothing but loops. The numbers in
 * brackets are those of its list. One file, however long: whoever doubts the product reads it from top to bottom.
 */
import { once } from './remember.ts';
import type {
  Assignment,
  Box,
  Client,
  Exception,
  Link,
  Membership,
  Organization,
  Relation,
  Rule,
  Spread,
  World,
} from './world.ts';

/** What an act is aimed at. `membershipId` is where the person is met: their reporting line there counts. */
export type Target = {
  organizationId: string;
  userId?: string | undefined;
  membershipId?: string | undefined;
  entitlementId?: string | undefined;
};

/** [4] Those whose scope starts above what is off may still read, audit, transfer, reopen; and end what was passed on. */
const aboveWhatIsOff = (permission: string): boolean =>
  permission.endsWith('.read') ||
  permission.startsWith('decision.') ||
  ['organization.suspend', 'organization.close', 'organization.move', 'delegation.end'].includes(permission);

export const upFrom = (world: World, organizationId: string): Organization[] =>
  once(world, `up ${organizationId}`, () => walkUp(world, organizationId));

function walkUp(world: World, organizationId: string): Organization[] {
  const found: Organization[] = [];
  let at = world.organizations.get(organizationId);
  while (at) {
    found.push(at);
    at = at.parentId === null ? undefined : world.organizations.get(at.parentId);
  }
  return found;
}

export const isAtOrBelow = (world: World, organizationId: string, top: string): boolean =>
  upFrom(world, organizationId).some(({ id }) => id === top);

/** Suspended or closed, or below one that is. */
export const isOff = (world: World, organizationId: string): boolean =>
  upFrom(world, organizationId).some(({ state }) => state !== 'active');

export const spreadCovers = (world: World, spread: Spread, organizationId: string): boolean =>
  spread.below
    ? isAtOrBelow(world, organizationId, spread.organizationId)
    : spread.organizationId === organizationId;

const inDate = (world: World, { startsAt, endsAt }: { startsAt: number; endsAt: number }): boolean =>
  startsAt <= world.now && world.now < endsAt;

export const hasLeft = (world: World, membership: Membership): boolean =>
  membership.state === 'ended' || membership.endsAt <= world.now;

export const isRunning = (world: World, client: Client): boolean =>
  client.state === 'active' && inDate(world, client);

/** [1] An active user, inside the membership, inside first and last day, from an organization that is not off. */
export const stands = (world: World, membershipId: string): boolean =>
  once(world, `stands ${membershipId}`, () => {
    const client = world.clients.get(membershipId);
    if (client) return isRunning(world, client) && !isOff(world, client.organizationId);
    const membership = world.memberships.get(membershipId);
    return (
      membership !== undefined &&
      world.users.get(membership.userId)?.state === 'active' &&
      membership.state === 'active' &&
      inDate(world, membership) &&
      !isOff(world, membership.organizationId)
    );
  });

/** [5] Line managers, nearest first, at most 16 levels; a circle ends where it began. */
export function lineAbove(world: World, membershipId: string): string[] {
  const line: string[] = [];
  let at = world.memberships.get(membershipId)?.managerId ?? null;
  while (at !== null && line.length < 16 && at !== membershipId && !line.includes(at)) {
    line.push(at);
    at = world.memberships.get(at)?.managerId ?? null;
  }
  return line;
}

/** The link and those above it, up to the root row. */
export const chainOf = (world: World, link: Link): Link[] =>
  world.links.get(link.id) === link
    ? once(world, `chain ${link.id}`, () => walkChain(world, link))
    : walkChain(world, link);

function walkChain(world: World, link: Link): Link[] {
  const chain: Link[] = [];
  let at: Link | undefined = link;
  while (at && chain.length < 1000) {
    chain.push(at);
    at = at.parentId === null ? undefined : world.links.get(at.parentId);
  }
  return chain;
}

export function permissionsOf(world: World, link: Link): string[] {
  const role = link.roleId === null ? undefined : world.roles.get(link.roleId);
  return role ? [...link.permissions, ...role.permissions] : link.permissions;
}

/** Does each link of the chain give it? */
const allGive = (world: World, chain: Link[], permission: string): boolean =>
  once(world, `give ${chain[0]!.id} ${permission}`, () =>
    chain.every((link) => permissionsOf(world, link).includes(permission)),
  );

/** Somebody acting under a link: who they are, and in which membership. */
export type Using = { userId: string; membershipId: string };

/** Whose relation and whose own reports a link of a chain means: its delegate; under a relation whoever acted under it. */
function userOf(chain: Link[], index: number, actor: Using | undefined): string | undefined {
  const { delegate } = chain[index]!;
  if (delegate.kind === 'user') return delegate.membershipId;
  if (delegate.kind !== 'relation') return undefined;
  return index === 0 ? actor?.membershipId : (chain[index - 1]!.giverMembershipId ?? undefined);
}

/** Part of the tree in which a relation holds, or which a chain reaches: one place without its holes. */
export type Area = Spread & { holes: Spread[] };

const areaCovers = (world: World, area: Area, organizationId: string): boolean =>
  spreadCovers(world, area, organizationId) &&
  !area.holes.some((hole) => spreadCovers(world, hole, organizationId));

/** [5] Where this membership stands in the relation of the link; nowhere for somebody who does not stand at all. */
export function whereRelated(world: World, link: Link, membershipId: string | undefined): Area[] {
  const { delegate } = link;
  if (delegate.kind !== 'relation' || !membershipId || !stands(world, membershipId)) return [];
  const membership = world.memberships.get(membershipId)!;
  const { relation, organizationId } = delegate;
  return once(world, `related ${relation} ${membershipId}`, () =>
    related(world, relation, membership),
  ).filter((area) => isAtOrBelow(world, area.organizationId, organizationId));
}

function related(world: World, relation: Relation, membership: Membership): Area[] {
  const home = { organizationId: membership.organizationId, below: false, holes: [] };
  switch (relation) {
    case 'members':
      return [home];
    case 'line-managers': {
      const reports = [...world.memberships.values()].some(
        (one) =>
          one.managerId === membership.id &&
          one.userId !== membership.userId &&
          // somebody suspended, or to come, is looked after as well
          !hasLeft(world, one),
      );
      return reports ? [home] : [];
    }
    case 'guardians':
      return [...world.guardians.values()]
        .filter((one) => one.membershipId === membership.id && one.state === 'active' && inDate(world, one))
        .map(({ organizationId }) => ({ organizationId, below: true, holes: [] }));
    case 'managers':
      return [...world.links.values()]
        .filter(
          ({ kind, delegate }) =>
            kind === 'administer' && delegate.kind === 'user' && delegate.membershipId === membership.id,
        )
        .map((link) => chainOf(world, link))
        .filter((chain) => chain.every(({ delegate }) => delegate.kind !== 'relation'))
        .filter((chain) => !stopOf(world, chain, undefined))
        .filter((chain) => chain.every((link) => permissionsOf(world, link).includes('user.invite')))
        .flatMap((chain) => areasOf(world, chain, undefined));
  }
}

/** The common part of two places: subtrees are nested or apart. */
export function commonPart(world: World, one: Spread, other: Spread): Spread | undefined {
  if (spreadWithin(world, one, other)) return one;
  if (spreadWithin(world, other, one)) return other;
  return undefined;
}

export const spreadWithin = (world: World, inner: Spread, outer: Spread): boolean =>
  spreadCovers(world, outer, inner.organizationId) && (!inner.below || outer.below);

/** What one box of each link has in common: an area, and of the people there only those named, or who report so. */
export type Part = Area & {
  users: string[] | undefined;
  reports: { of: string; depth: 'direct' | 'all' }[];
};

export function partsOf(world: World, chain: Link[], actor: Using | undefined): Part[] {
  let parts: Part[] | undefined;
  chain.forEach((link, index) => {
    const own = link.scope.flatMap((box) => partsOfBox(world, chain, index, box, actor));
    parts = !parts
      ? own
      : parts.flatMap((one) =>
          own.flatMap((other): Part[] => {
            const common = commonPart(world, one, other);
            if (!common) return [];
            const both = one.users && other.users;
            return [
              {
                organizationId: common.organizationId,
                below: common.below,
                holes: [...one.holes, ...other.holes],
                users: both
                  ? one.users!.filter((id) => other.users!.includes(id))
                  : (one.users ?? other.users),
                reports: [...one.reports, ...other.reports],
              },
            ];
          }),
        );
  });
  return parts ?? [];
}

function partsOfBox(world: World, chain: Link[], index: number, box: Box, actor: Using | undefined): Part[] {
  const user = userOf(chain, index, actor);
  const of = box.reports?.of ?? user;
  if (box.reports && !of) return [];
  const [root] = [...world.organizations.values()].filter(({ parentId }) => parentId === null);
  const anywhere = { organizationId: root!.id, below: true, holes: box.holes };
  const areas = box.places || box.whereRelated ? areasOfBox(world, chain[index]!, box, user) : [anywhere];
  const reports = box.reports && of ? [{ of, depth: box.reports.depth }] : [];
  return areas.map((area) => ({ ...area, users: box.users, reports }));
}

/** Parts of the tree that a chain reaches for everybody there. */
export const areasOf = (world: World, chain: Link[], actor: Using | undefined): Area[] =>
  partsOf(world, chain, actor).filter(({ users, reports }) => !users && reports.length === 0);

function areasOfBox(world: World, link: Link, box: Box, user: string | undefined): Area[] {
  const named: Area[] | undefined = box.places?.map((place) => ({ ...place, holes: [] }));
  const places = box.whereRelated
    ? whereRelated(world, link, user).flatMap((area) =>
        (named ?? [area]).flatMap((place): Area[] => {
          const common = commonPart(world, area, place);
          return common
            ? [{ organizationId: common.organizationId, below: common.below, holes: area.holes }]
            : [];
        }),
      )
    : (named ?? []);
  return places
    .filter(({ organizationId }) => !isOff(world, organizationId))
    .map((place) => ({ ...place, holes: [...place.holes, ...box.holes] }));
}

/** Why a chain gives nothing now; undefined when it is in force. The topmost reason, for the explanation. */
export const stopOf = (world: World, chain: Link[], actor: Using | undefined): string | undefined =>
  chain === chainOf(world, chain[0]!)
    ? once(world, `stop ${chain[0]!.id} ${actor?.membershipId}`, () => topmostStop(world, chain, actor))
    : topmostStop(world, chain, actor);

function topmostStop(world: World, chain: Link[], actor: Using | undefined): string | undefined {
  for (let index = chain.length - 1; index >= 0; index -= 1) {
    const link = chain[index]!;
    if (link.delegate.kind === 'root') continue;
    if (link.state === 'ended') return 'ended';
    if (link.state === 'paused') return 'paused';
    if (world.now < link.startsAt) return 'not-begun';
    if (world.now >= link.endsAt) return 'expired';
    if (link.kind !== chain[0]!.kind) return 'broken';
    const { delegate } = link;
    // Without an actor the question is about the link itself, which nobody in particular uses.
    if (delegate.kind === 'relation' && (index > 0 || actor)) {
      if (whereRelated(world, link, userOf(chain, index, actor)).length === 0) return 'lapsed';
    }
    if (link.mayPassOn < index) return 'too-deep';
  }
  return undefined;
}

/** Is the target in every link of the chain? */
export const chainCovers = (world: World, chain: Link[], target: Target, actor: Using | undefined): boolean =>
  once(
    world,
    `covers ${chain[0]!.id} ${actor?.membershipId} ${target.organizationId} ${target.userId} ${target.membershipId}`,
    () => chain.every((_, index) => linkCovers(world, chain, index, target, actor)),
  );

/** Is the target in one box of the link, by every part that the box sets? */
export function linkCovers(
  world: World,
  chain: Link[],
  index: number,
  target: Target,
  actor: Using | undefined,
): boolean {
  const link = chain[index]!;
  const user = userOf(chain, index, actor);
  return link.scope.some((box) => {
    if (box.places || box.whereRelated) {
      const areas = areasOfBox(world, link, box, user);
      if (!areas.some((area) => areaCovers(world, area, target.organizationId))) return false;
    }
    if (box.holes.some((hole) => spreadCovers(world, hole, target.organizationId))) return false;
    if (box.users && !(target.userId && box.users.includes(target.userId))) return false;
    if (!box.reports) return true;
    const of = box.reports.of ?? user;
    if (!of || !target.userId || target.userId === actor?.userId || !target.membershipId) return false;
    const line = lineAbove(world, target.membershipId);
    return box.reports.depth === 'direct' ? line[0] === of : line.includes(of);
  });
}

export const limitCovers = (world: World, link: Link, entitlementId: string): boolean =>
  link.limit.all === true ||
  link.limit.entitlements.includes(entitlementId) ||
  link.limit.applications.includes(world.applicationOf.get(entitlementId) ?? '');

/** Does this chain, used by this actor, give the act on the target? Exceptions left out. */
export function gives(
  world: World,
  chain: Link[],
  permission: string,
  target: Target,
  actor: Using,
): boolean {
  if (chain[0]!.kind !== 'administer') return false;
  if (!allGive(world, chain, permission)) return false;
  if (isOff(world, target.organizationId) && !aboveWhatIsOff(permission)) return false;
  if (stopOf(world, chain, actor)) return false;
  if (!chainCovers(world, chain, target, actor)) return false;
  const { entitlementId } = target;
  return !entitlementId || chain.every((link) => limitCovers(world, link, entitlementId));
}

/**
 * [6] An exception binds everybody but holders of the link it was set under and of links above that one. Owners stand
 * beside each other directly below the root row: none is bound by what another set.
 */
export function isDenied(world: World, chain: Link[], permission: string, target: Target): boolean {
  if (chain[1]?.delegate.kind === 'root') return false;
  return [...world.exceptions.values()].some(
    (exception) =>
      exception.state === 'active' &&
      inDate(world, exception) &&
      (exception.permissions.length === 0 || exception.permissions.includes(permission)) &&
      concerns(world, exception, target) &&
      !isFree(world, exception, chain[0]!.id),
  );
}

function isFree(world: World, { setUnder }: Exception, linkId: string): boolean {
  const link = setUnder === null ? undefined : world.links.get(setUnder);
  return link !== undefined && chainOf(world, link).some(({ id }) => id === linkId);
}

function concerns(world: World, exception: Exception, target: Target): boolean {
  if (!spreadCovers(world, exception.place, target.organizationId)) return false;
  if (exception.userId !== null && exception.userId !== target.userId) return false;
  if (exception.entitlementId !== null) return exception.entitlementId === target.entitlementId;
  if (exception.applicationId === null) return true;
  return (
    target.entitlementId !== undefined &&
    world.applicationOf.get(target.entitlementId) === exception.applicationId
  );
}

/** The links that somebody holds in a membership: their own, and those of relations in which they stand. */
export const heldBy = (world: World, actor: Using): Link[] =>
  once(world, `held ${actor.membershipId}`, () =>
    [...world.links.values()].filter((link) => {
      if (link.kind !== 'administer' || link.state === 'ended') return false;
      if (link.delegate.kind === 'user') return link.delegate.membershipId === actor.membershipId;
      if (link.delegate.kind === 'client') return link.delegate.clientId === actor.membershipId;
      if (link.delegate.kind !== 'relation' || world.clients.has(actor.membershipId)) return false;
      return whereRelated(world, link, actor.membershipId).length > 0;
    }),
  );

/** Somebody in a membership; or a machine, which is its own. */
export const usingOf = (world: World, id: string): Using => ({
  membershipId: id,
  userId: world.memberships.get(id)?.userId ?? world.clients.get(id)!.id,
});

/** The chains under which this membership may do this now. [8] Each gives all of the act by itself. */
export function chainsFor(world: World, actor: Using, permission: string, target: Target): Link[][] {
  if (!stands(world, actor.membershipId)) return [];
  return heldBy(world, actor)
    .map((link) => chainOf(world, link))
    .filter(
      (chain) =>
        gives(world, chain, permission, target, actor) && !isDenied(world, chain, permission, target),
    );
}

export function may(world: World, actor: Using, permission: string, target: Target): boolean {
  if (chainsFor(world, actor, permission, target).length > 0) return true;
  return (
    permission === 'request.decide' &&
    stands(world, actor.membershipId) &&
    decidesAsDeputy(world, actor, target, [])
  );
}

/** What a deputy's giver may decide, the deputy may: n deputies below a link need n <= its mayPassOn. */
function decidesAsDeputy(world: World, actor: Using, target: Target, below: string[]): boolean {
  return [...world.links.values()].some((link) => {
    if (link.kind !== 'approve' || link.delegate.kind !== 'user') return false;
    if (link.delegate.membershipId !== actor.membershipId) return false;
    const giver = link.giverMembershipId;
    if (!giver || link.state !== 'active' || !inDate(world, link)) return false;
    if (link.mayPassOn < below.length || giver === actor.membershipId || below.includes(giver)) return false;
    if (!stands(world, giver) || isOff(world, target.organizationId)) return false;
    if (!linkCovers(world, [link], 0, target, actor)) return false;
    if (target.entitlementId && !limitCovers(world, link, target.entitlementId)) return false;
    const using = usingOf(world, giver);
    return (
      chainsFor(world, using, 'request.decide', target).length > 0 ||
      decidesAsDeputy(world, using, target, [...below, actor.membershipId])
    );
  });
}

export const membershipTarget = (world: World, membershipId: string): Target => {
  const { organizationId, userId } = world.memberships.get(membershipId)!;
  return { organizationId, userId, membershipId };
};

/** [9] Acts on the account need the home. */
export function accountTarget(world: World, userId: string): Target {
  const { home } = world.users.get(userId)!;
  const membership = membershipAt(world, userId, home);
  return { organizationId: home, userId, membershipId: membership?.id };
}

export const membershipAt = (world: World, userId: string, organizationId: string): Membership | undefined =>
  [...world.memberships.values()].find(
    (one) => one.userId === userId && one.organizationId === organizationId && one.state !== 'ended',
  );

/** Everybody who may do this. */
export const holders = (world: World, permission: string, target: Target): Membership[] =>
  [...world.memberships.values()].filter((one) => may(world, usingOf(world, one.id), permission, target));

/** [3] The standing delegations that an organization stands under: those of the nearest one that ever had any. */
export function standingOver(world: World, organizationId: string): Link[] {
  for (const { id } of upFrom(world, organizationId)) {
    const own = [...world.links.values()].filter(
      ({ kind, delegate, scope }) =>
        kind === 'administer' &&
        delegate.kind === 'organization' &&
        delegate.organizationId === id &&
        // one over somebody else's organization makes a further parent, and is no ceiling of its delegate
        scope.some((box) => box.places?.some((place) => place.organizationId === id)),
    );
    if (own.length > 0) return own;
  }
  return [];
}

/** [3] May this be given and held there? */
export const ceilingAllows = (world: World, organizationId: string, entitlementId: string): boolean =>
  once(world, `ceiling ${organizationId} ${entitlementId}`, () =>
    findCeiling(world, organizationId, entitlementId),
  );

function findCeiling(world: World, organizationId: string, entitlementId: string): boolean {
  const standing = standingOver(world, organizationId);
  if (standing.length === 0) return true;
  return standing.some((link) => {
    const chain = chainOf(world, link);
    return (
      !stopOf(world, chain, undefined) &&
      chain.every((one) => limitCovers(world, one, entitlementId)) &&
      chainCovers(world, chain, { organizationId }, undefined)
    );
  });
}

export type Holding = {
  assignmentId: string;
  entitlementId: string;
  held: boolean;
  stoppedBy: string | null;
};

/** Is this of whom the rule speaks? All that is set has to fit, and it reaches no further than where it stands. */
export const fits = (world: World, rule: Rule, membership: Membership): boolean =>
  fitsAsRecorded(world, rule, membership) &&
  (rule.relation === null ||
    (stands(world, membership.id) &&
      related(world, rule.relation, membership).some((area) =>
        isAtOrBelow(world, area.organizationId, rule.inOrganizationId ?? rule.organizationId),
      )));

/** The same but for the relation, in which somebody may come to stand later. */
export function fitsAsRecorded(world: World, rule: Rule, membership: Membership): boolean {
  const place = { organizationId: rule.inOrganizationId ?? rule.organizationId, below: rule.below };
  return (
    isAtOrBelow(world, membership.organizationId, rule.organizationId) &&
    spreadCovers(world, place, membership.organizationId) &&
    (rule.title === null || rule.title === membership.title) &&
    (rule.depots.length === 0 || (membership.depot !== null && rule.depots.includes(membership.depot)))
  );
}

/** A rule gives no more than may be handed out where it stands, nor than where the person belongs. */
export const ceilingAllowsRule = (world: World, rule: Rule, organizationId: string): boolean =>
  ceilingAllows(world, rule.organizationId, rule.entitlementId) &&
  ceilingAllows(world, organizationId, rule.entitlementId);

/** One way in which somebody has something: an assignment, or a rule that they fit. */
export type Way = Holding & { startsAt: number; endsAt: number };

/** Whatever a membership was given, itself, through an organization above or by a rule, and whether it is held. */
export function waysOf(world: World, membershipId: string): Way[] {
  const membership = world.memberships.get(membershipId)!;
  if (membership.state === 'ended') return [];
  const above = upFrom(world, membership.organizationId).map(({ id }) => id);
  const given = [...world.assignments.values()].filter(
    (one) =>
      one.state === 'active' &&
      (one.membershipId === membershipId ||
        (one.organizationId !== null && above.includes(one.organizationId))),
  );
  const way = ({ id, entitlementId, startsAt, endsAt }: Assignment | Rule, within: boolean): Way => {
    const stoppedBy = stopOfHolding(world, membership, startsAt, endsAt) ?? (within ? null : 'ceiling');
    return { assignmentId: id, entitlementId, held: stoppedBy === null, stoppedBy, startsAt, endsAt };
  };
  return [
    ...given.map((one) => way(one, ceilingAllows(world, membership.organizationId, one.entitlementId))),
    ...[...world.rules.values()]
      .filter((rule) => rule.state === 'active' && fits(world, rule, membership))
      .map((rule) => way(rule, ceilingAllowsRule(world, rule, membership.organizationId))),
  ];
}

/**
 * Whether somebody who cannot act now stands in a relation makes no difference: by a rule that asks for one they hold
 * nothing, told or not.
 */
export const told =
  (world: World) =>
  ({ assignmentId, held }: { assignmentId: string; held: boolean }): boolean =>
    held || !world.rules.get(assignmentId)?.relation;

export const holdingsOf = (world: World, membershipId: string): Holding[] =>
  waysOf(world, membershipId)
    .filter(told(world))
    .map(({ assignmentId, entitlementId, held, stoppedBy }) => ({
      assignmentId,
      entitlementId,
      held,
      stoppedBy,
    }));

function stopOfHolding(
  world: World,
  membership: Membership,
  startsAt: number,
  endsAt: number,
): string | null {
  if (world.users.get(membership.userId)!.state !== 'active') return 'person';
  if (membership.state !== 'active' || !inDate(world, membership)) return 'membership';
  if (isOff(world, membership.organizationId)) return 'organization';
  if (world.now < startsAt) return 'not-begun';
  if (world.now >= endsAt) return 'ended';
  return null;
}

/** People and open invitations in the scope of the link and of those above it: what its seats count. */
export function seatsTaken(world: World, link: Link): number {
  const chain = chainOf(world, link).filter(({ delegate }) => delegate.kind !== 'root');
  const counts = (organizationId: string): boolean =>
    chain.every((one) => one.scope.some((box) => boxHolds(world, box, organizationId)));
  return (
    [...world.memberships.values()].filter((one) => !hasLeft(world, one) && counts(one.organizationId))
      .length +
    [...world.invitations.values()].filter(
      (one) =>
        one.state === 'open' &&
        one.expiresAt > world.now &&
        one.membershipId === null &&
        counts(one.organizationId),
    ).length
  );
}

const boxHolds = (world: World, { places, holes }: Box, organizationId: string): boolean =>
  (!places || places.some((place) => spreadCovers(world, place, organizationId))) &&
  !holes.some((hole) => spreadCovers(world, hole, organizationId));

/** Links whose seats are counted when somebody comes to this organization. */
export const seatsOver = (world: World, organizationId: string): Link[] =>
  [...world.links.values()].filter(
    (link) =>
      link.seats !== null &&
      link.state !== 'ended' &&
      link.endsAt > world.now &&
      link.delegate.kind === 'organization' &&
      link.scope.some((box) =>
        box.places?.some((place) => isAtOrBelow(world, organizationId, place.organizationId)),
      ),
  );

/** Would one more be one too many? */
export const isFull = (world: World, organizationId: string): boolean =>
  seatsOver(world, organizationId).some((link) => {
    const comes = chainOf(world, link)
      .filter(({ delegate }) => delegate.kind !== 'root')
      .every((one) => one.scope.some((box) => boxHolds(world, box, organizationId)));
    return seatsTaken(world, link) + (comes ? 1 : 0) > link.seats!;
  });
