/** What each act on delegations is expected to do. Long, as a table is: one entry for each act. */
import type { OperationName } from '../../../src/server/operations.gen.ts';
import { linkTarget } from '../reads.ts';
import {
  chainOf,
  chainsFor,
  gives,
  hasLeft,
  heldBy,
  isAtOrBelow,
  isDenied,
  isOff,
  lineAbove,
  may,
  membershipTarget,
  type Part,
  partsOf,
  permissionsOf,
  spreadWithin,
  standingOver,
  stands,
  stopOf,
  type Target,
  type Using,
  usingOf,
} from '../rules.ts';
import {
  type Box,
  type Delegate,
  type Limit,
  type Link,
  plain,
  type Relation,
  type World,
} from '../world.ts';
import {
  type Act,
  allowed,
  change,
  conflict,
  declare,
  mayLift,
  noteSwitchedOff,
  nothingChanges,
  type Prediction,
  refused,
} from './act.ts';

export type Wish = {
  delegate:
    | { membershipId: string }
    | 'organization'
    | { organizationId: string }
    | { relation: Relation; organizationId: string };
  organizationId: string;
  below: boolean;
  places: { organizationId: string; below: boolean }[];
  holes: { organizationId: string; below: boolean }[];
  membershipIds: string[] | undefined;
  reports: { of?: string; depth: 'direct' | 'all' } | undefined;
  whereRelation: boolean;
  roleId: string | undefined;
  permissions: string[];
  limit: 'same' | Limit;
  from: number | undefined;
  until: number | undefined;
  mayPassOn: number | 'same' | undefined;
  /** of an organization alone */
  seats: number | undefined;
};

const managerRole = '00000000-0000-7000-8000-000000000003';

export const createDelegation = declare(
  'delegation.create',
  (wish: Wish) => inputOf(wish),
  (world, actor, wish) => predictCreate(world, actor, wish),
);

function inputOf(wish: Wish): Record<string, unknown> {
  const { limit, roleId, from, until } = wish;
  return {
    organizationId: wish.organizationId,
    below: wish.below,
    delegate: wish.delegate,
    permissions: wish.permissions,
    entitlements:
      limit === 'same' || limit.all
        ? 'same'
        : { applicationIds: limit.applications, entitlementIds: limit.entitlements },
    ...(wish.places.length > 0 ? { places: wish.places } : {}),
    ...(wish.holes.length > 0 ? { holes: wish.holes } : {}),
    ...(wish.membershipIds ? { membershipIds: wish.membershipIds } : {}),
    ...(wish.reports ? { reports: wish.reports } : {}),
    ...(wish.whereRelation ? { whereRelation: true } : {}),
    ...(roleId ? { adminRoleId: roleId } : {}),
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    ...(wish.mayPassOn === undefined ? {} : { mayPassOn: wish.mayPassOn }),
    ...(wish.seats === undefined ? {} : { seats: wish.seats }),
  };
}

function predictCreate(world: World, actor: Using, wish: Wish): Prediction {
  const { organizationId } = wish;
  if (!may(world, actor, 'delegation.create', { organizationId })) return refused('may not pass on there');
  const no = predictDelegate(world, actor, wish);
  if (no) return no;
  // An organization's own admin role is given there and below.
  const roleStandsIn = world.roles.get(wish.roleId ?? '')?.organizationId ?? undefined;
  if (
    roleStandsIn &&
    ![organizationId, ...wish.places.map((place) => place.organizationId)].every((id) =>
      isAtOrBelow(world, id, roleStandsIn),
    )
  )
    return refused('the role stands elsewhere');
  for (const place of [...wish.places, ...wish.holes])
    if (!may(world, actor, 'organization.read', { organizationId: place.organizationId }))
      return refused('a place is out of sight');
  const named = [...(wish.membershipIds ?? []), ...(wish.reports?.of ? [wish.reports.of] : [])];
  for (const membershipId of named)
    if (!may(world, actor, 'user.read', membershipTarget(world, membershipId)))
      return refused('a person is out of sight');
  const fitting = candidatesFor(world, actor, wish).filter((one) => within(world, actor, wish, one));
  const inTime = fitting.filter(({ endsAt, startsAt }) => endsAt > startsAt && endsAt > world.now);
  if (inTime.length === 0) return refused(fitting.length === 0 ? 'beyond what they have' : 'ends too early');
  return {
    outcomes:
      wish.seats !== undefined
        ? ['allowed', 'refused', 'conflict']
        : readsManagers(world, wish) || roleUnseen(world, actor, wish)
          ? ['allowed', 'refused']
          : ['allowed'],
    why: 'within what they have, unless "managers of" gives them too much',
    apply: (after, { world: got, output }) => {
      const { id } = output as { id: string };
      const made = got.links.get(id);
      if (!made) return ['the new delegation is not there'];
      after.links.set(id, made);
      const expected = inTime.map((one) => madeOf(world, actor, wish, one, id));
      return expected.some((one) => plain(one) === plain(made))
        ? []
        : [`made ${plain(made)}, where it should be ${expected.map(plain).join(' or ')}`];
    },
  };
}

/** An own admin role is known from where it stands, or from a delegation that the giver holds or reads. */
function roleUnseen(world: World, actor: Using, { roleId }: Wish): boolean {
  const organizationId = world.roles.get(roleId ?? '')?.organizationId;
  return (
    Boolean(organizationId) && !may(world, actor, 'organization.read', { organizationId: organizationId! })
  );
}

/** Would it make a manager, where managers are given something? */
const readsManagers = (world: World, { delegate }: Wish): boolean =>
  typeof delegate === 'object' &&
  'membershipId' in delegate &&
  [...world.links.values()].some(
    (link) => link.delegate.kind === 'relation' && link.delegate.relation === 'managers',
  );

function predictDelegate(world: World, actor: Using, wish: Wish): Prediction | undefined {
  const { delegate } = wish;
  if (wish.whereRelation && !(typeof delegate === 'object' && 'relation' in delegate))
    return refused('no relation that could hold anywhere');
  if (delegate === 'organization') {
    if (wish.places.length + wish.holes.length > 0 || wish.membershipIds || wish.reports)
      return refused('what an organization may hand out covers the whole of it');
    const exists = [...world.links.values()].some(
      (link) =>
        link.kind === 'administer' &&
        link.delegate.kind === 'organization' &&
        link.delegate.organizationId === wish.organizationId &&
        link.state !== 'ended' &&
        link.endsAt > world.now &&
        link.scope.some((box) => box.places?.some((place) => place.organizationId === wish.organizationId)),
    );
    return exists ? conflict('has a standing delegation already') : undefined;
  }
  if ('membershipId' in delegate) {
    const membership = world.memberships.get(delegate.membershipId)!;
    if (!may(world, actor, 'user.read', membershipTarget(world, membership.id)))
      return refused('delegate unseen');
    if (membership.userId === actor.userId) return refused('themselves');
    if (hasLeft(world, membership)) return conflict('delegate has left');
    return undefined;
  }
  const { organizationId } = delegate;
  if (!may(world, actor, 'delegation.create', { organizationId })) return refused('may not pass on to them');
  if ('relation' in delegate) return undefined;
  const related = [wish.organizationId, ...wish.places.map((place) => place.organizationId)].some(
    (id) => isAtOrBelow(world, id, organizationId) || isAtOrBelow(world, organizationId, id),
  );
  return related ? refused('itself, or one above or below it') : undefined;
}

/** The giver's own link, the one that the new link would hang below, and what "as much as that" comes to there. */
type Candidate = {
  held: Link;
  parent: Link[];
  startsAt: number;
  endsAt: number;
  mayPassOn: number;
  limit: Limit;
};

/**
 * [2] Below the link that the giver acts under; first managers of an organization below its standing delegation, when
 * the giver stands above that. [3] What an organization may hand out is bounded by those above it.
 */
function candidatesFor(world: World, actor: Using, wish: Wish): Candidate[] {
  const { delegate, organizationId } = wish;
  const targets: Target[] = [organizationId, ...wish.places.map((place) => place.organizationId)].map(
    (id) => ({
      organizationId: id,
    }),
  );
  const parentOf = world.organizations.get(organizationId)!.parentId ?? organizationId;
  const overDelegate: Target =
    delegate === 'organization'
      ? { organizationId: parentOf }
      : 'membershipId' in delegate
        ? membershipTarget(world, delegate.membershipId)
        : { organizationId: delegate.organizationId };
  return heldBy(world, actor)
    .map((link) => chainOf(world, link))
    .filter((chain) =>
      [...targets, overDelegate].every(
        (target) =>
          gives(world, chain, 'delegation.create', target, actor) &&
          !isDenied(world, chain, 'delegation.create', target),
      ),
    )
    .flatMap((chain) => {
      const isOther = typeof delegate === 'object';
      const standingFor =
        delegate === 'organization' || (isOther && !('membershipId' in delegate) && !('relation' in delegate))
          ? parentOf
          : organizationId;
      const standing = [...furtherParents(world, wish), ...standingOver(world, standingFor)]
        .map((link) => chainOf(world, link))
        .filter((one) => one.slice(1).some(({ id }) => id === chain[0]!.id))
        .filter(([first]) =>
          targets.every((target) =>
            first!.scope.some((box) =>
              box.places?.some((place) => isAtOrBelow(world, target.organizationId, place.organizationId)),
            ),
          ),
        );
      return (standing.length > 0 ? standing : [chain]).map((parent) =>
        settled(world, wish, chain[0]!, parent),
      );
    });
}

/** Of an organization that was given this one as a further parent: its people hang below that. */
function furtherParents(world: World, { delegate, organizationId }: Wish): Link[] {
  if (typeof delegate !== 'object' || !('membershipId' in delegate)) return [];
  const { organizationId: home } = world.memberships.get(delegate.membershipId)!;
  return [...world.links.values()].filter(
    (link) =>
      link.kind === 'administer' &&
      link.state !== 'ended' &&
      link.delegate.kind === 'organization' &&
      isAtOrBelow(world, home, link.delegate.organizationId) &&
      !isAtOrBelow(world, organizationId, link.delegate.organizationId) &&
      link.scope.some((box) =>
        box.places?.some((place) => isAtOrBelow(world, organizationId, place.organizationId)),
      ),
  );
}

function settled(world: World, wish: Wish, held: Link, parent: Link[]): Candidate {
  const begins = Math.max(...parent.map(({ startsAt }) => startsAt));
  const left = Math.max(
    0,
    Math.min(
      ...parent.map((link, below) => (link.delegate.kind === 'root' ? 1000 : link.mayPassOn) - below - 1),
    ),
  );
  const mayPassOn = wish.mayPassOn ?? (wish.delegate === 'organization' || isOrganization(wish) ? 'same' : 0);
  return {
    held,
    parent,
    startsAt: wish.from ?? Math.max(begins, world.now),
    endsAt: wish.until ?? Math.min(...parent.map(({ endsAt }) => endsAt)),
    mayPassOn: mayPassOn === 'same' ? left : mayPassOn,
    limit: wish.limit === 'same' ? commonLimit(world, parent) : wish.limit,
  };
}

const isOrganization = ({ delegate }: Wish): boolean =>
  typeof delegate === 'object' && 'organizationId' in delegate && !('relation' in delegate);

/** What every limit of a chain lets give: whole applications where each does, single roles otherwise. */
function commonLimit(world: World, chain: Link[]): Limit {
  const limits = chain.map(({ limit }) => limit).filter((limit) => !limit.all);
  if (limits.length === 0) return { all: true };
  const applications = [...new Set(world.applicationOf.values())].filter((id) =>
    limits.every((limit) => limit.all || limit.applications.includes(id)),
  );
  const entitlements = [...world.applicationOf]
    .filter(
      ([id, application]) =>
        !applications.includes(application) &&
        limits.some((limit) => !limit.all && limit.entitlements.includes(id)),
    )
    .filter(([id, application]) =>
      limits.every(
        (limit) => limit.all || limit.entitlements.includes(id) || limit.applications.includes(application),
      ),
    )
    .map(([id]) => id);
  return { applications, entitlements };
}

const limitWithin = (world: World, inner: Limit, outer: Limit): boolean => {
  if (outer.all) return true;
  if (inner.all) return false;
  return (
    inner.applications.every((id) => outer.applications.includes(id)) &&
    inner.entitlements.every(
      (id) =>
        outer.entitlements.includes(id) || outer.applications.includes(world.applicationOf.get(id) ?? ''),
    )
  );
};

function permissionsWished(world: World, wish: Wish): string[] {
  const roleId = roleOf(wish);
  return [...wish.permissions, ...(roleId ? (world.roles.get(roleId)?.permissions ?? []) : [])];
}

const roleOf = (wish: Wish): string | null =>
  wish.roleId ?? (wish.delegate === 'organization' && wish.permissions.length === 0 ? managerRole : null);

/** [2] Within the link that it hangs below, in every respect. */
function within(world: World, actor: Using, wish: Wish, candidate: Candidate): boolean {
  const { parent, startsAt, endsAt, mayPassOn, limit } = candidate;
  if (stopOf(world, parent, actor)) return false;
  if (
    !permissionsWished(world, wish).every((name) =>
      parent.every((link) => permissionsOf(world, link).includes(name)),
    )
  )
    return false;
  if (!placesWithin(world, partsOf(world, parent, actor), wish)) return false;
  if (!parent.every((link) => limitWithin(world, limit, link.limit))) return false;
  if (parent.some((link) => endsAt > link.endsAt || (link.startsAt > world.now && startsAt < link.startsAt)))
    return false;
  return parent.every(
    (link, below) =>
      link.delegate.kind === 'root' ||
      (link.mayPassOn >= below + 1 && mayPassOn <= link.mayPassOn - below - 1),
  );
}

function placesWithin(world: World, parts: Part[], wish: Wish): boolean {
  const users = wish.membershipIds?.map((id) => world.memberships.get(id)!.userId);
  return [{ organizationId: wish.organizationId, below: wish.below }, ...wish.places].every((place) =>
    parts.some(
      (part) =>
        spreadWithin(world, place, part) &&
        !part.holes.some((hole) => spreadWithin(world, place, hole)) &&
        (!part.users || (users?.every((id) => part.users!.includes(id)) ?? false)) &&
        part.reports.every((outer) => reportsWithin(world, wish, outer)),
    ),
  );
}

/** Reports of a report are reports. */
function reportsWithin(world: World, wish: Wish, outer: { of: string; depth: 'direct' | 'all' }): boolean {
  if (!wish.reports) return false;
  const delegateId =
    typeof wish.delegate === 'object' && 'membershipId' in wish.delegate
      ? wish.delegate.membershipId
      : undefined;
  const of = wish.reports.of ?? delegateId;
  if (!of) return false;
  if (of === outer.of) return outer.depth === 'all' || wish.reports.depth === 'direct';
  return outer.depth === 'all' && of === delegateId && lineAbove(world, of).includes(outer.of);
}

function boxOf(world: World, wish: Wish): Box {
  return {
    places: [{ organizationId: wish.organizationId, below: wish.below }, ...wish.places],
    ...(wish.whereRelation ? { whereRelated: true as const } : {}),
    holes: wish.holes,
    ...(wish.membershipIds
      ? { users: [...new Set(wish.membershipIds.map((id) => world.memberships.get(id)!.userId))].sort() }
      : {}),
    ...(wish.reports ? { reports: wish.reports } : {}),
  };
}

function madeOf(world: World, actor: Using, wish: Wish, candidate: Candidate, id: string): Link {
  const { delegate } = wish;
  const to: Delegate =
    delegate === 'organization'
      ? { kind: 'organization', organizationId: wish.organizationId }
      : 'membershipId' in delegate
        ? {
            kind: 'user',
            userId: world.memberships.get(delegate.membershipId)!.userId,
            membershipId: delegate.membershipId,
          }
        : 'relation' in delegate
          ? { kind: 'relation', ...delegate }
          : { kind: 'organization', organizationId: delegate.organizationId };
  return {
    id,
    kind: 'administer',
    parentId: candidate.parent[0]!.id,
    giverUserId: actor.userId,
    giverMembershipId: actor.membershipId,
    giverDelegationId: candidate.held.id,
    delegate: to,
    roleId: roleOf(wish),
    permissions: wish.permissions,
    scope: [boxOf(world, wish)],
    limit: candidate.limit,
    startsAt: candidate.startsAt,
    endsAt: candidate.endsAt,
    mayPassOn: candidate.mayPassOn,
    seats: wish.seats ?? null,
    state: 'active',
  };
}

/** [2] Narrowed, paused, resumed or ended by holders of a link above; a chain of theirs that lets them, or why not. */
function chainsAbove(world: World, actor: Using, link: Link): Link[][] | Prediction {
  const target = linkTarget(world, link);
  if (!target || link.delegate.kind === 'root') return refused('there is no such place');
  const chains = chainsFor(world, actor, 'delegation.end', target);
  if (chains.length === 0) return refused('may not change delegations there');
  const above = chainOf(world, link).slice(1);
  const right = chains.filter(([held]) => above.some(({ id }) => id === held!.id));
  if (right.length === 0) return refused('holds no link above it');
  if (link.state === 'ended') return conflict('has ended');
  return right;
}

const onLink = (
  operation: OperationName,
  actor: Using,
  linkId: string,
  input: Record<string, unknown>,
  predict: (world: World, link: Link, chains: Link[][]) => Prediction,
): Act => ({
  operation,
  actor,
  input: { delegationId: linkId, ...input },
  predict: (world) => {
    const link = world.links.get(linkId)!;
    const chains = chainsAbove(world, actor, link);
    return Array.isArray(chains) ? predict(world, link, chains) : chains;
  },
});

export const endDelegation = (actor: Using, linkId: string): Act =>
  onLink('delegation.end', actor, linkId, {}, () =>
    allowed((after) => change(after.links, linkId, { state: 'ended' })),
  );

export const pauseDelegation = (actor: Using, linkId: string): Act =>
  onLink('delegation.pause', actor, linkId, {}, (_, link, chains) =>
    link.state === 'paused'
      ? nothingChanges
      : allowed((after) => {
          change(after.links, linkId, { state: 'paused' });
          noteSwitchedOff(after, linkId, chains);
        }),
  );

/** Lifting is a grant (ruling 4): by whoever paused it or stands above, who could pass it on. */
export const resumeDelegation = (actor: Using, linkId: string): Act =>
  onLink('delegation.resume', actor, linkId, {}, (world, link, chains) => {
    if (link.state === 'active')
      return { outcomes: ['allowed', 'refused'], why: 'nothing to lift', apply: () => [] };
    const target = linkTarget(world, link)!;
    const lifting = chains.filter(
      (chain) =>
        mayLift(world, linkId, chain) &&
        gives(world, chain, 'delegation.create', target, actor) &&
        !isDenied(world, chain, 'delegation.create', target),
    );
    if (lifting.length === 0) return refused('paused from above, or may not pass on');
    return allowed((after) => {
      change(after.links, linkId, { state: 'active' });
      after.switchedOffUnder.delete(linkId);
    });
  });

export type Narrower = {
  limit?: Limit | undefined;
  permissions?: string[] | undefined;
  until?: number | undefined;
  mayPassOn?: number | undefined;
};

export const narrowDelegation = (actor: Using, linkId: string, left: Narrower): Act =>
  onLink(
    'delegation.narrow',
    actor,
    linkId,
    {
      ...(left.limit && !left.limit.all
        ? {
            entitlements: {
              applicationIds: left.limit.applications,
              entitlementIds: left.limit.entitlements,
            },
          }
        : {}),
      ...(left.permissions ? { permissions: left.permissions } : {}),
      ...(left.until === undefined ? {} : { until: new Date(left.until).toISOString() }),
      ...(left.mayPassOn === undefined ? {} : { mayPassOn: left.mayPassOn }),
    },
    (world, link) => {
      const { limit, permissions, until, mayPassOn } = left;
      if (permissions?.some((name) => !permissionsOf(world, link).includes(name)))
        return refused('more permissions');
      if (until !== undefined && until > link.endsAt) return refused('longer');
      if (until !== undefined && (until <= world.now || until <= link.startsAt))
        return refused('in the past');
      if (mayPassOn !== undefined && mayPassOn > link.mayPassOn) return refused('passed on further');
      if (limit && !limitWithin(world, limit, link.limit)) return refused('more access');
      return allowed((after) =>
        change(after.links, linkId, {
          ...(limit ? { limit } : {}),
          ...(permissions ? { permissions, roleId: null } : {}),
          ...(until === undefined ? {} : { endsAt: until }),
          ...(mayPassOn === undefined ? {} : { mayPassOn }),
        }),
      );
    },
  );

/** One's own is given up alone, never a relation's that others hold as well; and each place keeps a manager (I38). */
export const resignDelegation = declare(
  'delegation.resign',
  (linkId: string) => ({ delegationId: linkId }),
  (world, actor, linkId) => {
    const link = world.links.get(linkId)!;
    const own = link.delegate.kind === 'user' && link.delegate.membershipId === actor.membershipId;
    if (!stands(world, actor.membershipId) || !own || link.kind !== 'administer')
      return refused('not theirs');
    if (link.state === 'ended') return refused('not theirs any more');
    if (leavesBeside(world, link)) return conflict('nobody else could manage it');
    return allowed((after) => change(after.links, linkId, { state: 'ended' }));
  },
);

function leavesBeside(world: World, link: Link): boolean {
  const owner = link.parentId !== null && world.links.get(link.parentId)!.delegate.kind === 'root';
  return link.scope
    .flatMap((box) => box.places ?? [])
    .some(({ organizationId }) => {
      if (isOff(world, organizationId)) return false;
      const able = [...world.memberships.values()]
        .filter(({ userId }) => world.users.get(userId)!.canSignIn)
        .flatMap(({ id }) => chainsFor(world, usingOf(world, id), 'user.invite', { organizationId }));
      if (!owner && !able.some(([held]) => held!.id === link.id)) return false;
      return able.every((chain) => chain.some(({ id }) => id === link.id));
    });
}

/**
 * [1] What a leaver gave is re-given under a link of the successor's. Where it may hang is the product's choice; what it
 * comes to is held by the laws: nobody but the successor gains, and nobody below loses.
 */
export const handOver = declare(
  'delegation.hand-over',
  (linkId: string, membershipId: string) => ({ delegationId: linkId, membershipId }),
  (world, actor, linkId, membershipId) => {
    const link = world.links.get(linkId)!;
    const target = linkTarget(world, link);
    if (!target || link.delegate.kind === 'root' || !may(world, actor, 'delegation.create', target))
      return refused('may not pass on there');
    const holder =
      link.delegate.kind === 'user' ? world.memberships.get(link.delegate.membershipId) : undefined;
    if (!holder || !hasLeft(world, holder)) return conflict('not vacant');
    if (link.state === 'ended') return conflict('has ended');
    if (stopOf(world, chainOf(world, link), undefined)) return conflict('not in force');
    if (!may(world, actor, 'user.read', membershipTarget(world, membershipId)))
      // Or what the chain gives is off: which of the two is told first is no matter.
      return { outcomes: ['refused', 'conflict'], why: 'successor unseen' };
    return {
      outcomes: ['allowed', 'refused', 'conflict'],
      why: 'where a link covers it all',
      apply: (after, { world: got }) => {
        for (const [id, made] of got.links) after.links.set(id, made);
        return handedOver(world, got, linkId);
      },
    };
  },
);

/** The vacant link has ended; what hung below it hangs elsewhere, and is no wider than it was. */
function handedOver(before: World, after: World, linkId: string): string[] {
  const complaints: string[] = [];
  if (after.links.get(linkId)!.state !== 'ended') complaints.push('the vacant link stands');
  for (const link of before.links.values()) {
    const now = after.links.get(link.id)!;
    if (link.id === linkId || link.state === 'ended') continue;
    if (link.parentId === linkId && now.parentId === linkId) complaints.push(`${link.id} was left behind`);
    const kept = ['delegate', 'scope', 'startsAt', 'giverUserId', 'state'] as const;
    for (const field of kept)
      if (plain(link[field]) !== plain(now[field])) complaints.push(`${link.id} changed its ${field}`);
    if (
      now.mayPassOn > link.mayPassOn ||
      now.endsAt > link.endsAt ||
      !limitWithin(before, now.limit, link.limit)
    )
      complaints.push(`${link.id} is wider than it was`);
  }
  return complaints;
}
