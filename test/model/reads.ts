/**
 * What an observer should be answered, found by asking the rules about each thing in turn: a list is the filter of the
 * check (I07), and what lies outside is answered as what does not exist (I06, I08). Long, as a table: one entry a read.
 */
import type { OperationName } from '../../src/server/operations.gen.ts';
import {
  accountTarget,
  chainOf,
  hasLeft,
  heldBy,
  holdingsOf,
  isAtOrBelow,
  isOff,
  may,
  membershipAt,
  membershipTarget,
  partsOf,
  permissionsOf,
  stands,
  stopOf,
  type Target,
  told,
  type Using,
  upFrom,
  usingOf,
} from './rules.ts';
import { always, type Link, type Membership, type World } from './world.ts';

/** Everything but absence and what lies outside, which are one answer. */
export type Answer = unknown;
export const refused = 'refused';
/** Outside the reach or absent: to be answered by the very same words (I08). */
export const absent = 'absent';

export type Read = {
  operation: OperationName;
  input: Record<string, unknown>;
  expected: Answer;
  /** what of the product's answer is compared */
  of: (output: never) => Answer;
  /** a refusal and nothing seen come to the same */
  emptyWhenRefused?: true;
};

const list = <T>(things: Iterable<T>, keep: (thing: T) => boolean): T[] => [...things].filter(keep);
const byId = <T extends { id: string }>(things: T[]): T[] =>
  things.sort((one, other) => (one.id < other.id ? -1 : 1));

const sees = (world: World, actor: Using, organizationId: string): boolean =>
  may(world, actor, 'organization.read', { organizationId });
const seesPerson = (world: World, actor: Using, { id }: Membership): boolean =>
  may(world, actor, 'user.read', membershipTarget(world, id));

function memberState(world: World, membership: Membership): string {
  const user = world.users.get(membership.userId)!;
  if (hasLeft(world, membership)) return 'left';
  if (membership.state === 'suspended' || user.state !== 'active') return 'suspended';
  if (membership.startsAt > world.now) return 'not-begun';
  return user.canSignIn ? 'active' : 'no-sign-in';
}

export function userList(
  world: World,
  actor: Using,
  { organizationId, below, status }: { organizationId?: string; below: boolean; status?: string },
): Read {
  const known =
    !organizationId ||
    sees(world, actor, organizationId) ||
    may(world, actor, 'user.read', { organizationId });
  const items = list(world.memberships.values(), (one) => {
    if (!seesPerson(world, actor, one)) return false;
    if (
      organizationId &&
      !(below
        ? isAtOrBelow(world, one.organizationId, organizationId)
        : one.organizationId === organizationId)
    )
      return false;
    const state = memberState(world, one);
    return status ? state === status : state !== 'left';
  });
  return {
    operation: 'user.list',
    input: {
      ...(organizationId ? { organizationId } : {}),
      below,
      ...(status ? { status } : {}),
      limit: 200,
    },
    expected: known ? byId(items.map((one) => ({ id: one.id, state: memberState(world, one) }))) : absent,
    of: ({ items: got }: { items: { membershipId: string; state: string }[] }) =>
      byId(got.map(({ membershipId, state }) => ({ id: membershipId, state }))),
    emptyWhenRefused: true,
  };
}

export function userCount(world: World, actor: Using): Read {
  const items = list(
    world.memberships.values(),
    (one) => !hasLeft(world, one) && seesPerson(world, actor, one),
  );
  return {
    operation: 'user.count',
    input: {},
    expected: items.length === 0 ? [] : items.length,
    of: ({ count }: { count: number }) => (count === 0 ? [] : count),
    emptyWhenRefused: true,
  };
}

export function organizationList(world: World, actor: Using, parentId?: string): Read {
  const items = list(world.organizations.values(), (one) => {
    if (!sees(world, actor, one.id)) return false;
    if (parentId) return one.parentId === parentId && sees(world, actor, parentId);
    return one.parentId === null || !sees(world, actor, one.parentId);
  });
  return {
    operation: 'organization.list',
    input: { ...(parentId ? { parentId } : {}), limit: 200 },
    expected: byId(
      items.map((one) => ({
        id: one.id,
        parentId: one.parentId !== null && sees(world, actor, one.parentId) ? one.parentId : null,
        state: one.state,
        childCount: list(
          world.organizations.values(),
          (child) => child.parentId === one.id && sees(world, actor, child.id),
        ).length,
        peopleCount: peopleBelow(world, actor, one.id),
      })),
    ),
    of: ({
      items: got,
    }: {
      items: {
        id: string;
        parentId: string | null;
        state: string;
        childCount: number;
        peopleCount: number;
      }[];
    }) =>
      byId(
        got.map(({ id, parentId: above, state, childCount, peopleCount }) => ({
          id,
          parentId: above,
          state,
          childCount,
          peopleCount,
        })),
      ),
    emptyWhenRefused: true,
  };
}

const peopleBelow = (world: World, actor: Using, organizationId: string): number =>
  list(
    world.memberships.values(),
    (one) =>
      isAtOrBelow(world, one.organizationId, organizationId) &&
      !hasLeft(world, one) &&
      seesPerson(world, actor, one),
  ).length;

const permissionsToAsk = (world: World): string[] => {
  const root = list(world.links.values(), ({ delegate }) => delegate.kind === 'root')[0]!;
  return permissionsOf(world, root);
};

export function organizationRead(world: World, actor: Using, organizationId: string): Read {
  const target = { organizationId };
  const known = world.organizations.has(organizationId) && sees(world, actor, organizationId);
  return {
    operation: 'organization.read',
    input: { organizationId },
    expected: known
      ? {
          off: isOff(world, organizationId),
          may: permissionsToAsk(world)
            .filter((name) => may(world, actor, name, target))
            .sort(),
          above: upFrom(world, organizationId)
            .slice(1)
            .filter(({ id }) => sees(world, actor, id))
            .map(({ id }) => id)
            .sort(),
          childCount: list(
            world.organizations.values(),
            (one) => one.parentId === organizationId && sees(world, actor, one.id),
          ).length,
          peopleCount: peopleBelow(world, actor, organizationId),
        }
      : absent,
    of: (got: {
      off: boolean;
      may: string[];
      breadcrumbs: { id: string }[];
      childCount: number;
      peopleCount: number;
    }) => ({
      off: got.off,
      may: [...got.may].sort(),
      above: got.breadcrumbs.map(({ id }) => id).sort(),
      childCount: got.childCount,
      peopleCount: got.peopleCount,
    }),
  };
}

/** A machine is its maker's: what nobody does to themselves, they do not do by a key of their own. */
const isOwn = (world: World, actor: Using, userId: string): boolean =>
  userId === actor.userId ||
  (world.clients.has(actor.membershipId) &&
    heldBy(world, actor).some(({ giverUserId }) => giverUserId === userId));

export function membershipRead(world: World, actor: Using, membershipId: string): Read {
  const membership = world.memberships.get(membershipId);
  const read = { operation: 'membership.read' as const, input: { membershipId } };
  const of = (got: {
    state: string;
    may: string[];
    isSelf: boolean;
    lineManager: { membershipId: string } | null;
    otherMemberships: { membershipId: string }[];
    user: { homeOrganizationId: string | null };
  }) => ({
    state: got.state,
    isSelf: got.isSelf,
    may: [...got.may].sort(),
    lineManager: got.lineManager?.membershipId ?? null,
    others: got.otherMemberships.map((other) => other.membershipId).sort(),
    home: got.user.homeOrganizationId,
  });
  if (!membership || !seesPerson(world, actor, membership)) return { ...read, expected: absent, of };
  const target = membershipTarget(world, membershipId);
  const account = accountTarget(world, membership.userId);
  const isSelf = isOwn(world, actor, membership.userId);
  const manager = membership.managerId === null ? undefined : world.memberships.get(membership.managerId);
  const { home } = world.users.get(membership.userId)!;
  return {
    ...read,
    expected: {
      state: memberState(world, membership),
      isSelf,
      may: permissionsToAsk(world)
        .filter((name) => may(world, actor, name, target))
        .filter((name) => !name.startsWith('credential.') || may(world, actor, name, account))
        .filter((name) => !isSelf || !/^(membership|credential)\./.test(name))
        .sort(),
      lineManager: manager && seesPerson(world, actor, manager) ? manager.id : null,
      others: list(
        world.memberships.values(),
        (other) =>
          other.id !== membershipId &&
          other.userId === membership.userId &&
          other.state !== 'ended' &&
          seesPerson(world, actor, other),
      )
        .map(({ id }) => id)
        .sort(),
      home: sees(world, actor, home) ? home : null,
    },
    of,
  };
}

/** A delegation can be over several places: any of them that the reader reaches is reason enough to show it. */
export function seesLink(world: World, actor: Using, link: Link, within: (id: string) => boolean): boolean {
  if (link.kind !== 'administer' || link.delegate.kind === 'root') return false;
  const userId = link.delegate.kind === 'user' ? link.delegate.userId : undefined;
  return placesOf(link).some(
    (organizationId) =>
      within(organizationId) && may(world, actor, 'delegation.read', linkSpot(world, organizationId, userId)),
  );
}

const placesOf = (link: Link): string[] =>
  link.scope.flatMap((box) => (box.places ?? []).map(({ organizationId }) => organizationId));

/** Where a delegation is met: a place of it, and its delegate, who may belong there. */
const linkSpot = (world: World, organizationId: string, userId: string | undefined): Target => ({
  organizationId,
  userId,
  membershipId: userId && membershipAt(world, userId, organizationId)?.id,
});

/** For deciding about a delegation: its first place. */
export function linkTarget(world: World, link: Link): Target | undefined {
  const [first] = placesOf(link);
  const userId = link.delegate.kind === 'user' ? link.delegate.userId : undefined;
  return first ? linkSpot(world, first, userId) : undefined;
}

function linkView(world: World, link: Link) {
  const chain = chainOf(world, link);
  const { delegate } = link;
  const holder = delegate.kind === 'user' ? world.memberships.get(delegate.membershipId) : undefined;
  return {
    id: link.id,
    state: link.state,
    effective: stopOf(world, chain, undefined) === undefined,
    stop: stopOf(world, chain, undefined) ?? null,
    vacant: holder !== undefined && hasLeft(world, holder),
    mayPassOn: link.mayPassOn,
    permissions: [...new Set(permissionsOf(world, link))]
      .filter((name) => chain.every((one) => permissionsOf(world, one).includes(name)))
      .sort(),
  };
}

type LinkOutput = {
  id: string;
  state: string;
  effective: boolean;
  stop: { reason: string } | null;
  vacant: boolean;
  mayPassOn: number;
  permissions: string[];
};
const ofLink = ({ id, state, effective, stop, vacant, mayPassOn, permissions }: LinkOutput) => ({
  id,
  state,
  effective,
  stop: stop?.reason ?? null,
  vacant,
  mayPassOn,
  permissions: [...new Set(permissions)].sort(),
});

export function delegationList(
  world: World,
  actor: Using,
  { organizationId, below, ended }: { organizationId: string; below: boolean; ended: boolean },
): Read {
  const allowed = may(world, actor, 'delegation.read', { organizationId });
  const items = list(
    world.links.values(),
    (link) =>
      (ended || link.state !== 'ended') &&
      seesLink(world, actor, link, (id) =>
        below ? isAtOrBelow(world, id, organizationId) : id === organizationId,
      ),
  );
  return {
    operation: 'delegation.list',
    input: { organizationId, below, ended, limit: 200 },
    expected: allowed
      ? byId(items.map((link) => linkView(world, link)))
      : sees(world, actor, organizationId)
        ? refused
        : absent,
    of: ({ items: got }: { items: LinkOutput[] }) => byId(got.map(ofLink)),
  };
}

export function delegationRead(world: World, actor: Using, linkId: string): Read {
  const link = world.links.get(linkId);
  const seen = link && seesLink(world, actor, link, () => true);
  return {
    operation: 'delegation.read',
    input: { delegationId: linkId },
    expected: seen ? linkView(world, link) : refused,
    of: (got: LinkOutput) => ofLink(got),
  };
}

export function delegationMine(world: World, actor: Using): Read {
  const own = stands(world, actor.membershipId)
    ? heldBy(world, actor)
    : heldBy(world, actor).filter(({ delegate }) => delegate.kind === 'user');
  const received = new Set([
    ...own.map(({ id }) => id),
    ...list(
      world.links.values(),
      ({ delegate, state }) =>
        state !== 'ended' && delegate.kind === 'user' && delegate.membershipId === actor.membershipId,
    ).map(({ id }) => id),
  ]);
  const given = list(
    world.links.values(),
    (link) =>
      link.giverUserId === actor.userId &&
      link.state !== 'ended' &&
      !received.has(link.id) &&
      chainOf(world, link)
        .slice(1)
        .some(({ id }) => own.some((one) => one.id === id)),
  );
  return {
    operation: 'delegation.mine',
    input: {},
    expected: {
      received: byId([...received].map((id) => linkView(world, world.links.get(id)!))),
      given: byId(given.map((link) => linkView(world, link))),
    },
    of: (got: { received: LinkOutput[]; given: LinkOutput[] }) => ({
      received: byId(got.received.map(ofLink)),
      given: byId(got.given.map(ofLink)),
    }),
  };
}

export function accessOf(world: World, actor: Using, membershipId: string): Read {
  const membership = world.memberships.get(membershipId);
  const seen = membership && seesPerson(world, actor, membership);
  const allowed = membership && may(world, actor, 'access.read', membershipTarget(world, membershipId));
  return {
    operation: 'access.of',
    input: { membershipId },
    expected: allowed
      ? holdingsOf(world, membershipId).sort((one, other) => (one.assignmentId < other.assignmentId ? -1 : 1))
      : seen
        ? refused
        : absent,
    of: ({
      items,
    }: {
      items: { assignmentId: string; entitlementId: string; held: boolean; stoppedBy: string | null }[];
    }) =>
      items
        .filter(told(world))
        .map(({ assignmentId, entitlementId, held, stoppedBy }) => ({
          assignmentId,
          entitlementId,
          held,
          stoppedBy,
        }))
        .sort((one, other) => (one.assignmentId < other.assignmentId ? -1 : 1)),
  };
}

export function assignmentList(world: World, actor: Using): Read {
  const items = list(world.assignments.values(), (one) => {
    if (one.state !== 'active') return false;
    const target =
      one.membershipId === null
        ? { organizationId: one.organizationId! }
        : membershipTarget(world, one.membershipId);
    return may(world, actor, 'access.read', target);
  });
  return {
    operation: 'assignment.list',
    input: { limit: 200 },
    expected: byId(
      items.map(({ id, startsAt, endsAt }) => ({
        id,
        state: world.now < startsAt ? 'not-begun' : world.now >= endsAt ? 'over' : 'active',
        until: endsAt >= always ? null : endsAt,
      })),
    ),
    of: ({ items: got }: { items: { id: string; state: string; until: string | null }[] }) =>
      byId(
        got.map(({ id, state, until }) => ({ id, state, until: until === null ? null : Date.parse(until) })),
      ),
    emptyWhenRefused: true,
  };
}

/** Why may I, or why not: the effect alone; what the asker may not know of is absent. */
export function decisionExplain(
  world: World,
  actor: Using,
  {
    permission,
    organizationId,
    membershipId,
  }: { permission: string; organizationId?: string; membershipId?: string },
): Read {
  const target = membershipId ? membershipTarget(world, membershipId) : { organizationId: organizationId! };
  const own = world.memberships.get(actor.membershipId)!.organizationId;
  const known = membershipId
    ? may(world, actor, 'user.read', target)
    : sees(world, actor, organizationId!) ||
      organizationId === own ||
      wasNamed(world, actor, organizationId!);
  return {
    operation: 'decision.explain',
    input: { permission, ...(membershipId ? { membershipId } : { organizationId }) },
    expected: known ? (may(world, actor, permission, target) ? 'permit' : 'deny') : absent,
    of: ({ effect }: { effect: string }) => effect,
  };
}

/**
 * A place that a link of the asker's names, ended or not: they were told of it when they got the link. Where the
 * relation holds is told, too, and nothing further.
 */
const wasNamed = (world: World, actor: Using, organizationId: string): boolean =>
  list(world.links.values(), (link) => {
    if (link.kind !== 'administer') return false;
    if (link.delegate.kind === 'user') return link.delegate.membershipId === actor.membershipId;
    return heldBy(world, actor).includes(link);
  }).some((link) =>
    link.scope.some((box) =>
      box.whereRelated
        ? partsOf(world, [{ ...link, scope: [box] }], actor).some(
            (part) => part.organizationId === organizationId,
          )
        : box.places?.some((place) => place.organizationId === organizationId),
    ),
  );

/** One read of an observer, chosen by two numbers; `world.memberships` and the like in their order. */
export function chooseRead(world: World, membershipId: string, which: number, what: number): Read {
  const actor = usingOf(world, membershipId);
  const pick = <T>(things: T[], by: number): T => things[by % things.length]!;
  const organizations = [...world.organizations.keys()];
  const memberships = [...world.memberships.keys()];
  const organizationId = pick(organizations, what);
  const other = pick(memberships, what);
  switch (which % 16) {
    case 0:
    case 1:
      return userList(world, actor, { below: true });
    case 2:
      return userList(world, actor, {
        organizationId,
        below: what % 3 !== 0,
        ...(what % 5 === 0 ? { status: pick(['left', 'active', 'suspended', 'no-sign-in'], what) } : {}),
      });
    case 3:
      return organizationList(world, actor);
    case 4:
      return organizationList(world, actor, organizationId);
    case 5:
    case 6:
      return organizationRead(world, actor, organizationId);
    case 7:
    case 8:
      return membershipRead(world, actor, other);
    case 9:
      return delegationList(world, actor, { organizationId, below: what % 2 === 0, ended: what % 3 === 0 });
    case 10:
      return delegationRead(world, actor, pick([...world.links.keys()], what));
    case 11:
      return delegationMine(world, actor);
    case 12:
      return accessOf(world, actor, other);
    case 13:
      return assignmentList(world, actor);
    case 14:
      return userCount(world, actor);
    default: {
      const permission = pick(permissionsToAsk(world), what);
      return decisionExplain(
        world,
        actor,
        what % 2 === 0 ? { permission, organizationId } : { permission, membershipId: other },
      );
    }
  }
}

/** All reads of one observer, for a trace's end. */
export function allReads(world: World, membershipId: string): Read[] {
  const actor = usingOf(world, membershipId);
  const reads = [
    userList(world, actor, { below: true }),
    userList(world, actor, { below: true, status: 'left' }),
    userCount(world, actor),
    organizationList(world, actor),
    delegationMine(world, actor),
    assignmentList(world, actor),
  ];
  for (const organizationId of world.organizations.keys())
    reads.push(
      organizationRead(world, actor, organizationId),
      organizationList(world, actor, organizationId),
      delegationList(world, actor, { organizationId, below: false, ended: true }),
    );
  for (const id of world.memberships.keys())
    reads.push(membershipRead(world, actor, id), accessOf(world, actor, id));
  for (const id of world.links.keys()) reads.push(delegationRead(world, actor, id));
  return reads;
}

/** What a machine lists: whatever asks for a person is nothing for it. */
export function machineReads(world: World, clientId: string, what: number): Read[] {
  const actor = usingOf(world, clientId);
  const organizations = [...world.organizations.keys()];
  const organizationId = organizations[what % organizations.length]!;
  const memberships = [...world.memberships.keys()];
  const membershipId = memberships[what % memberships.length]!;
  return [
    userList(world, actor, { below: true }),
    organizationList(world, actor, organizationId),
    organizationRead(world, actor, organizationId),
    membershipRead(world, actor, membershipId),
    accessOf(world, actor, membershipId),
    delegationList(world, actor, { organizationId, below: true, ended: false }),
  ];
}
