/**
 * Numbers into acts: each step of a trace is a few numbers, read against the world as it is when the step comes. Long,
 * as a table is: one entry for each act.
 */

import { endAssignment, grant } from './acts/access.ts';
import type { Act } from './acts/act.ts';
import {
  createDelegation,
  endDelegation,
  handOver,
  narrowDelegation,
  pauseDelegation,
  resignDelegation,
  resumeDelegation,
  type Wish,
} from './acts/delegations.ts';
import { accept, createClient, endClient, invite, resendInvitation, revokeInvitation } from './acts/entry.ts';
import {
  closeOrganization,
  createOrganization,
  resumeOrganization,
  suspendOrganization,
} from './acts/organizations.ts';
import {
  changeLineManager,
  endMembership,
  enrol,
  resumeMembership,
  suspendMembership,
} from './acts/people.ts';
import { createRule, endRule, movePerson, pauseRule, record, resumeRule, updateRule } from './acts/rules.ts';
import {
  createRole,
  editRole,
  liftException,
  mergeOrganization,
  moveOrganization,
  resetCredential,
  setException,
  takeBack,
} from './acts/wide.ts';
import { depots } from './database.ts';
import { kindOf, titles } from './first-world.ts';
import { linkTarget } from './reads.ts';
import {
  accountTarget,
  chainOf,
  hasLeft,
  isAtOrBelow,
  may,
  membershipTarget,
  permissionsOf,
  seatsOver,
  type Target,
  type Using,
  usingOf,
} from './rules.ts';
import {
  exceptionAppears,
  guardianAppears,
  type Happening,
  joins,
  lastDay,
  linkAppears,
  reportsTo,
  timePasses,
  userIsSwitched,
} from './system.ts';
import { always, type Box, type Link, never, type World } from './world.ts';

/** What somebody does, two at once, one cut short; or what happens by itself. */
export type Step = { kind: number; n: number[] };
export type Chosen =
  | { kind: 'act'; act: Act }
  | { kind: 'race'; acts: [Act, Act] }
  | { kind: 'killed'; act: Act; after: number }
  | { kind: 'happens'; happening: Happening }
  | { kind: 'nothing' };

export type Chooser = {
  world: World;
  make: (kind: string) => string;
  /** only these act, where given: they try to get more together than they have (I03) */
  only: string[] | undefined;
};

const pick = <T>(things: readonly T[], by: number): T => things[by % things.length]!;
const keys = (map: ReadonlyMap<string, unknown>): string[] => [...map.keys()];
const day = 86_400_000;

/** Mostly somebody who may, sometimes anybody: both answers are to be seen. */
function actorFor(
  { world, only }: Chooser,
  by: number,
  permission: string,
  target: Target | undefined,
): Using {
  const all = only ?? keys(world.memberships);
  if (by % 8 !== 0 && target) {
    const able = all.filter((id) => may(world, usingOf(world, id), permission, target));
    if (able.length > 0) return usingOf(world, pick(able, by >> 3));
  }
  return usingOf(world, pick(all, by >> 3));
}

const organizationNames = ['north', 'Harbor', 'depot', 'lab'];

function chooseAct(chooser: Chooser, kind: number, n: number[]): Act | undefined {
  const { world } = chooser;
  const at = (index: number): number => n[index] ?? 0;
  const organizationId = pick(keys(world.organizations), at(1));
  const membershipId = pick(keys(world.memberships), at(1));
  const actor = (permission: string, target: Target | undefined): Using =>
    actorFor(chooser, at(0), permission, target);
  const there = { organizationId };
  const person = membershipTarget(world, membershipId);
  switch (kind) {
    case 0:
      return createOrganization(
        actor('organization.create', there),
        organizationId,
        pick(organizationNames, at(2)),
      );
    case 1:
      return suspendOrganization(actor('organization.suspend', there), organizationId);
    case 2:
      return closeOrganization(actor('organization.close', there), organizationId);
    case 3: {
      const off = [...world.organizations.values()].filter(({ state }) => state !== 'active');
      const id = off.length > 0 ? pick(off, at(1)).id : organizationId;
      return resumeOrganization(actor('organization.suspend', { organizationId: id }), id);
    }
    case 4:
      return endMembership(actor('membership.end', person), membershipId);
    case 5:
      return suspendMembership(actor('membership.suspend', person), membershipId);
    case 6: {
      const off = [...world.memberships.values()].filter(({ state }) => state === 'suspended');
      const id = off.length > 0 ? pick(off, at(1)).id : membershipId;
      return resumeMembership(actor('membership.suspend', membershipTarget(world, id)), id);
    }
    case 7:
      return changeLineManager(
        actor('membership.update', person),
        membershipId,
        at(2) % 5 === 0 ? null : pick(keys(world.memberships), at(3)),
      );
    case 8:
      return enrol(actor('user.enrol', there), organizationId, `person${at(2) % 6}`);
    case 9: {
      const entitlementId = pick(keys(world.applicationOf), at(2));
      const days = at(3) % 3 === 0 ? (at(3) % 20) + 1 : null;
      const to = at(4) % 4 === 0 ? { organizationId } : { membershipId };
      const target = { ...('membershipId' in to ? person : there), entitlementId };
      return grant(actor('access.grant', target), to, entitlementId, days);
    }
    case 10: {
      if (world.assignments.size === 0) return undefined;
      const one = pick([...world.assignments.values()], at(1));
      const target = one.membershipId
        ? membershipTarget(world, one.membershipId)
        : { organizationId: one.organizationId! };
      return endAssignment(actor('access.end', { ...target, entitlementId: one.entitlementId }), one.id);
    }
    case 11: {
      const giver = actor('delegation.create', there);
      return createDelegation(giver, wishFor(chooser, giver, organizationId, n));
    }
    case 17: {
      const vacant = [...world.links.values()].filter(
        ({ delegate, state }) =>
          state === 'active' &&
          delegate.kind === 'user' &&
          hasLeft(world, world.memberships.get(delegate.membershipId)!),
      );
      const link = pick(vacant.length > 0 && at(3) % 6 > 0 ? vacant : [...world.links.values()], at(1));
      return handOver(
        actor('delegation.create', linkTarget(world, link)),
        link.id,
        pick(keys(world.memberships), at(2)),
      );
    }
    case 18:
      return moveOrganization(
        actor('organization.move', there),
        organizationId,
        pick(keys(world.organizations), at(2)),
      );
    case 19: {
      const who = actor('exception.set', there);
      return setException(who, {
        organizationId,
        below: at(2) % 4 > 0,
        permissions:
          at(3) % 4 === 0
            ? []
            : [pick(askable(world), at(3)), pick(askable(world), at(4))].filter(
                (one, index, all) => all.indexOf(one) === index,
              ),
        ...(at(5) % 5 === 0 ? { applicationId: pick([...world.applicationOf.values()], at(5)) } : {}),
        ...(at(5) % 4 === 1 ? { membershipId: pick(keys(world.memberships), at(6)) } : {}),
      });
    }
    case 20: {
      const active = [...world.exceptions.values()].filter(({ state }) => state === 'active');
      if (active.length === 0) return undefined;
      const one = pick(active, at(1));
      return liftException(actor('exception.set', one.place), one.id);
    }
    case 21: {
      const own = [...world.roles.values()].filter((role) => role.organizationId !== null);
      const permissions = [
        'user.read',
        ...askable(world).filter((_, index) => (at(3) >> (index % 12)) % 3 === 1),
      ];
      const chosen = permissions.filter((one, index) => permissions.indexOf(one) === index);
      if (own.length === 0 || at(2) % 3 === 0)
        return createRole(actor('admin-role.configure', there), organizationId, `role ${at(4)}`, chosen);
      const role = pick(own, at(1));
      return editRole(
        actor('admin-role.configure', { organizationId: role.organizationId! }),
        role.id,
        chosen,
      );
    }
    case 22: {
      const email = `guest${at(2) % 8}@example.org`;
      return invite(actor('user.invite', there), {
        organizationId,
        email,
        entitlementIds: at(3) % 3 === 0 ? [pick(keys(world.applicationOf), at(3))] : [],
        ...(at(4) % 3 === 0
          ? { manager: { adminRoleId: roleOf(pick([3, 4, 5], at(4))), mayPassOn: at(4) % 2 } }
          : {}),
      });
    }
    case 23: {
      if (world.invitations.size === 0) return undefined;
      const one = pick([...world.invitations.values()], at(1));
      const link = world.links.get(one.invitedUnder ?? '');
      const may = actor('user.invite', { organizationId: one.organizationId });
      if (at(2) % 5 === 0) return revokeInvitation(may, one.id);
      if (at(2) % 5 === 1) return resendInvitation(may, one.id);
      return accept(one, link?.delegate.kind === 'user' ? usingOf(world, link.delegate.membershipId) : may);
    }
    case 24:
      return mergeOrganization(
        actor('organization.close', there),
        organizationId,
        pick(keys(world.organizations), at(2)),
      );
    case 25:
      return takeBack(actor('delegation.end', person), membershipId, world.now - (at(2) % 4) * day);
    case 26:
      return resetCredential(actor('credential.reset', accountTarget(world, person.userId!)), membershipId);
    case 27: {
      const running = [...world.clients.values()].filter(({ state }) => state === 'active');
      if (running.length > 0 && at(2) % 3 === 0) {
        const one = pick(running, at(1));
        return endClient(actor('client.configure', { organizationId: one.organizationId }), one.id);
      }
      return createClient(
        actor('client.configure', there),
        organizationId,
        [
          'user.read',
          'organization.read',
          ...askable(world).filter((_, index) => (at(3) >> (index % 12)) % 4 === 1),
        ].filter((one, index, all) => all.indexOf(one) === index),
        at(4) % 2 === 0 ? [] : [pick([...world.applicationOf.values()], at(4))],
      );
    }
    case 28:
      return (
        recordForMore(chooser, n) ??
        record(
          actor('membership.update', person),
          membershipId,
          at(2) % 3 === 0 ? { depot: pick([...depots, null], at(3)) } : { title: pick(titles, at(3)) },
        )
      );
    case 29:
      return chooseRule(chooser, n);
    case 30:
      return movePerson(
        actor('membership.end', person),
        membershipId,
        pick(keys(world.organizations), at(2)),
      );
    default:
      return chooseOnLink(chooser, kind, n);
  }
}

/** Every other time by somebody who may write a fact that a rule reads, and not give what it gives (ruling 2). */
function recordForMore({ world, only }: Chooser, n: number[]): Act | undefined {
  const at = (index: number): number => n[index] ?? 0;
  const rules = [...world.rules.values()].filter(({ state }) => state === 'active');
  if (at(4) % 2 === 0 || rules.length === 0) return undefined;
  const rule = pick(rules, at(5));
  const people = [...world.memberships.values()].filter((one) =>
    isAtOrBelow(world, one.organizationId, rule.inOrganizationId ?? rule.organizationId),
  );
  for (const id of only ?? keys(world.memberships)) {
    const actor = usingOf(world, id);
    const able = people.filter((one) => {
      const target = membershipTarget(world, one.id);
      return (
        may(world, actor, 'membership.update', target) &&
        !may(world, actor, 'access.grant', { ...target, entitlementId: rule.entitlementId })
      );
    });
    if (able.length > 0)
      return record(actor, pick(able, at(1)).id, {
        ...(rule.title === null ? {} : { title: rule.title }),
        ...(rule.depots.length === 0 ? {} : { depot: pick(rule.depots, at(3)) }),
      });
  }
  return undefined;
}

function chooseRule(chooser: Chooser, n: number[]): Act {
  const { world } = chooser;
  const at = (index: number): number => n[index] ?? 0;
  const dayAfter = (days: number): string => new Date(Date.UTC(2026, 2, 2 + days)).toISOString().slice(0, 10);
  const firstDay = at(7) % 5 === 0 ? dayAfter(at(7) % 9) : null;
  const lastDay = at(8) % 4 === 0 ? dayAfter(at(8) % 23) : null;
  const some = at(5) % 3 === 0 ? depots.slice(0, 1 + (at(5) % 2)) : [];
  const live = [...world.rules.values()].filter(({ state }) => state !== 'ended');
  const verb = at(2) % 7;
  if (verb < 2 || live.length === 0) {
    const organizationId = pick(keys(world.organizations), at(1));
    const entitlementId = pick(keys(world.applicationOf), at(6));
    return createRule(actorFor(chooser, at(0), 'access-rule.configure', { organizationId, entitlementId }), {
      organizationId,
      inOrganizationId: at(3) % 3 === 0 ? pick(keys(world.organizations), at(3)) : null,
      below: at(4) % 3 > 0,
      // One for everybody would give something to whoever comes by any of the other acts.
      title: some.length > 0 && at(4) % 2 === 0 ? null : pick(titles, (at(5) >> 3) % 2 === 0 ? 0 : 2),
      depots: some,
      relation: at(6) % 7 === 0 ? 'line-managers' : null,
      entitlementId,
      firstDay,
      lastDay,
    });
  }
  const paused = live.filter(({ state }) => state === 'paused');
  const rule =
    verb === 4 && paused.length > 0
      ? pick(paused, at(1))
      : pick(at(3) % 10 === 0 ? [...world.rules.values()] : live, at(1));
  const { organizationId, entitlementId } = rule;
  const actor = actorFor(chooser, at(0), 'access-rule.configure', { organizationId, entitlementId });
  switch (verb) {
    case 2:
      return pauseRule(actor, rule.id);
    case 3:
    case 4:
      return resumeRule(actor, rule.id);
    case 5:
      return updateRule(actor, rule.id, {
        ...(at(4) % 3 === 0 ? { title: pick(['fitter', 'clerk'], at(5)) } : {}),
        ...(at(4) % 3 === 1 ? { firstDay, lastDay } : {}),
        ...(at(4) % 3 === 2 ? { below: at(5) % 2 === 0 } : {}),
      });
    default:
      return at(4) % 2 === 0 ? endRule(actor, rule.id) : updateRule(actor, rule.id, { lastDay });
  }
}

const askable = (world: World): string[] =>
  permissionsOf(world, [...world.links.values()].find(({ delegate }) => delegate.kind === 'root')!);

/** Mostly a holder of a link above: for anybody else the answer is no. */
function aboveOf({ world, only }: Chooser, link: Link, by: number): Using {
  const above = chainOf(world, link)
    .slice(1)
    .flatMap(({ delegate }) => (delegate.kind === 'user' ? [delegate.membershipId] : []))
    .filter((id) => !only || only.includes(id));
  if (by % 6 !== 0 && above.length > 0) return usingOf(world, pick(above, by >> 3));
  return usingOf(world, pick(only ?? keys(world.memberships), by >> 3));
}

function chooseOnLink(chooser: Chooser, kind: number, n: number[]): Act {
  const { world } = chooser;
  const at = (index: number): number => n[index] ?? 0;
  const live = [...world.links.values()].filter(({ state }) => state !== 'ended');
  const link = pick(at(5) % 10 === 0 ? [...world.links.values()] : live, at(1));
  const actor = aboveOf(chooser, link, at(0));
  switch (kind) {
    case 12:
      return endDelegation(actor, link.id);
    case 13:
      return pauseDelegation(actor, link.id);
    case 14: {
      const paused = live.filter(({ state }) => state === 'paused');
      const one = paused.length > 0 ? pick(paused, at(1)) : link;
      return resumeDelegation(aboveOf(chooser, one, at(0)), one.id);
    }
    case 15: {
      const { delegate } = link;
      const own =
        delegate.kind === 'user' && at(0) % 5 > 0 && (chooser.only?.includes(delegate.membershipId) ?? true);
      const any = usingOf(world, pick(chooser.only ?? keys(world.memberships), at(0)));
      return resignDelegation(own ? usingOf(world, delegate.membershipId) : any, link.id);
    }
    default: {
      const names = [...new Set(permissionsOf(world, link))];
      const applications = [...new Set(world.applicationOf.values())];
      return narrowDelegation(actor, link.id, {
        ...(at(2) % 3 === 0
          ? { permissions: names.filter((_, index) => (at(3) >> (index % 20)) % 2 === 0) }
          : {}),
        ...(at(2) % 3 === 1
          ? {
              limit: {
                applications: applications.filter((_, index) => (at(3) >> index) % 2 === 0),
                entitlements: [],
              },
            }
          : {}),
        ...(at(2) % 4 === 2 ? { until: world.now + ((at(3) % 40) - 2) * day } : {}),
        ...(at(2) % 5 === 3 ? { mayPassOn: at(3) % 4 } : {}),
      });
    }
  }
}

const roleOf = (key: number): string => `00000000-0000-7000-8000-00000000000${key}`;

function wishFor({ world }: Chooser, giver: Using, organizationId: string, n: number[]): Wish {
  const at = (index: number): number => n[index] ?? 0;
  const organizations = keys(world.organizations);
  const memberships = keys(world.memberships);
  const relations = ['managers', 'line-managers', 'guardians', 'members'] as const;
  const held = [...world.links.values()].filter(
    ({ delegate }) => delegate.kind === 'user' && delegate.membershipId === giver.membershipId,
  );
  const mine = held.length > 0 ? permissionsOf(world, pick(held, at(2))) : ['user.read'];
  const which = at(2) % 12;
  const delegate: Wish['delegate'] =
    which < 6
      ? { membershipId: pick(memberships, at(3)) }
      : which < 8
        ? 'organization'
        : which < 11
          ? {
              relation: pick(relations, at(3)),
              organizationId: pick([organizationId, pick(organizations, at(4))], at(3) >> 3),
            }
          : { organizationId: pick(organizations, at(3)) };
  const isRelation = typeof delegate === 'object' && 'relation' in delegate;
  const form = at(5) % 10;
  const applications = [...new Set(world.applicationOf.values())];
  const spread = (by: number) => ({ organizationId: pick(organizations, by), below: by % 3 !== 0 });
  return {
    delegate,
    organizationId,
    below: at(5) % 7 !== 0,
    places: form === 1 ? [spread(at(6))] : [],
    holes: form === 2 || form === 3 ? [spread(at(6))] : [],
    membershipIds: form === 4 ? [pick(memberships, at(6)), pick(memberships, at(6) >> 4)] : undefined,
    reports:
      form === 5 || form === 6
        ? {
            ...(at(6) % 3 === 0 ? { of: pick(memberships, at(6) >> 3) } : {}),
            depth: at(6) % 2 === 0 ? 'direct' : 'all',
          }
        : undefined,
    whereRelation: isRelation && at(6) % 2 === 0,
    roleId: at(7) % 3 === 0 ? pick(keys(world.roles), at(7) >> 2) : undefined,
    permissions:
      at(7) % 3 === 0
        ? []
        : ['user.read', ...mine.filter((_, index) => (at(7) >> (index % 16)) % 3 > 0)].filter(
            (name, index, all) => all.indexOf(name) === index,
          ),
    limit:
      at(8) % 2 === 0
        ? 'same'
        : {
            applications: applications.filter((_, index) => (at(8) >> index) % 2 === 0),
            entitlements: keys(world.applicationOf).slice(0, at(8) % 3),
          },
    from: at(9) % 6 === 0 ? world.now + (at(9) % 5) * day : undefined,
    until: at(9) % 4 === 0 ? world.now + ((at(9) % 60) - 1) * day : undefined,
    mayPassOn: at(8) % 3 === 0 ? undefined : at(8) % 3 === 1 ? 'same' : at(8) % 4,
    seats: delegate === 'organization' && at(9) % 2 === 1 ? 1 + (at(9) % 12) : undefined,
  };
}

/** Rows as other rooms write them; every fourth time is simply time. */
function chooseHappening(chooser: Chooser, n: number[]): Happening {
  const { world, make } = chooser;
  const at = (index: number): number => n[index] ?? 0;
  const organizationId = pick(keys(world.organizations), at(1));
  const membershipId = pick(keys(world.memberships), at(2));
  const membership = world.memberships.get(membershipId)!;
  const span = {
    startsAt: at(3) % 4 === 0 ? world.now + (at(3) % 7) * day : never,
    endsAt: at(3) % 3 === 0 ? world.now + ((at(3) % 11) + 8) * day : always,
  };
  switch (at(0) % 12) {
    case 0:
    case 1:
      return linkAppears(world, someLink(chooser, n, span));
    case 2:
      return exceptionAppears({
        id: make(kindOf.other),
        place: { organizationId, below: at(4) % 4 > 0 },
        permissions:
          at(4) % 3 === 0
            ? []
            : [
                pick(
                  [
                    'user.read',
                    'access.grant',
                    'membership.suspend',
                    'delegation.create',
                    'organization.read',
                  ],
                  at(4),
                ),
              ],
        applicationId: at(5) % 5 === 0 ? pick([...world.applicationOf.values()], at(5)) : null,
        entitlementId: at(5) % 5 === 1 ? pick(keys(world.applicationOf), at(5)) : null,
        userId: at(5) % 3 === 0 ? membership.userId : null,
        setUnder: at(6) % 6 === 0 ? null : pick(keys(world.links), at(6)),
        ...span,
        state: 'active',
      });
    case 3:
      return guardianAppears({
        id: make(kindOf.other),
        membershipId,
        organizationId,
        ...span,
        state: 'active',
      });
    case 4: {
      const has = [...world.memberships.values()].some(
        (one) =>
          one.userId === membership.userId && one.organizationId === organizationId && one.state !== 'ended',
      );
      if (has || seatsOver(world, organizationId).length > 0) return timePasses(3600);
      return joins(
        {
          id: make(kindOf.membership),
          userId: membership.userId,
          organizationId,
          state: 'active',
          ...span,
          managerId: at(4) % 3 === 0 ? pick(keys(world.memberships), at(4)) : null,
          createdAt: world.now,
          title: '',
          depot: null,
        },
        world.users.get(membership.userId)!.name,
      );
    }
    case 5:
      return reportsTo(membershipId, at(3) % 6 === 0 ? null : pick(keys(world.memberships), at(3)));
    case 6:
      return membership.state === 'ended' || membership.startsAt > world.now
        ? timePasses(60)
        : lastDay(membershipId, world.now + (at(3) % 9) * day);
    case 7:
      return userIsSwitched(membership.userId, at(3) % 2 === 0 ? 'suspended' : 'active');
    default:
      return timePasses(pick([1, 11, 60, 3600, 86_400, 3 * 86_400, 20 * 86_400], at(1)));
  }
}

/** Any link below any other: what it gives is cut by those above it, whatever it says itself. */
function someLink({ world, make }: Chooser, n: number[], span: { startsAt: number; endsAt: number }): Link {
  const at = (index: number): number => n[index] ?? 0;
  const organizations = keys(world.organizations);
  const memberships = keys(world.memberships);
  const membership = world.memberships.get(pick(memberships, at(2)))!;
  const relation = pick(['managers', 'line-managers', 'guardians', 'members'] as const, at(4));
  const parents = [...world.links.values()].filter(
    ({ kind, id }) => kind === 'administer' && id !== '' && chainOf(world, world.links.get(id)!).length < 8,
  );
  const parent = pick(parents, at(5));
  const isDeputy = at(4) % 9 === 8;
  const which = at(6) % 8;
  const delegate: Link['delegate'] =
    isDeputy || which < 4
      ? { kind: 'user', userId: membership.userId, membershipId: membership.id }
      : which < 7
        ? { kind: 'relation', relation, organizationId: pick(organizations, at(7)) }
        : { kind: 'organization', organizationId: pick(organizations, at(7)) };
  const box = (by: number): Box => {
    const places = [{ organizationId: pick(organizations, by), below: by % 4 > 0 }];
    const form = (by >> 2) % 8;
    return {
      ...(form === 7 ? {} : { places }),
      ...(form === 0 && delegate.kind === 'relation' ? { whereRelated: true as const } : {}),
      holes:
        form === 1 || form === 2 ? [{ organizationId: pick(organizations, by >> 4), below: by % 3 > 0 }] : [],
      ...(form === 3 || form === 7
        ? { users: [world.memberships.get(pick(memberships, by >> 3))!.userId, membership.userId].sort() }
        : {}),
      ...(form === 4 || form === 5
        ? {
            reports: {
              ...(by % 3 === 0 ? { of: pick(memberships, by >> 5) } : {}),
              depth: form === 4 ? ('direct' as const) : ('all' as const),
            },
          }
        : {}),
    };
  };
  const giver = world.memberships.get(pick(memberships, at(3)))!;
  const all = permissionsOf(world, [...world.links.values()].find((link) => link.delegate.kind === 'root')!);
  return {
    id: make(kindOf.link),
    kind: isDeputy ? 'approve' : 'administer',
    parentId: isDeputy ? null : parent.id,
    giverUserId: giver.userId,
    giverMembershipId: giver.id,
    giverDelegationId: isDeputy ? null : parent.id,
    delegate,
    roleId: at(8) % 3 === 0 ? roleOf(pick([2, 3, 4, 5, 6], at(8) >> 2)) : null,
    permissions: isDeputy ? ['request.decide'] : all.filter((_, index) => (at(8) >> (index % 18)) % 3 > 0),
    scope: at(9) % 3 === 0 ? [box(at(9)), box(at(7))] : [box(at(9))],
    limit:
      at(9) % 2 === 0
        ? { all: true }
        : { applications: [pick([...world.applicationOf.values()], at(9))], entitlements: [] },
    ...span,
    mayPassOn: at(5) % 4,
    seats: null,
    state: 'active',
  };
}

/** How often each kind of act is chosen; the last are chosen by what they do to a trace. */
const acts = [
  0, 0, 1, 2, 3, 3, 4, 4, 5, 6, 6, 7, 7, 8, 9, 9, 9, 9, 10, 10, 11, 11, 11, 11, 11, 11, 11, 12, 12, 13, 13,
  14, 14, 15, 16, 16, 16, 17, 17, 18, 19, 19, 20, 21, 21, 22, 22, 23, 23, 23, 24, 25, 26, 27, 27, 28, 28, 28,
  28, 29, 29, 29, 29, 29, 29, 30,
];

export const kindsOfStep = 60 * acts.length * acts.length;

export function choose(chooser: Chooser, { kind, n }: Step): Chosen {
  const of = kind % 60;
  if (of < 12 && !chooser.only) return { kind: 'happens', happening: chooseHappening(chooser, n) };
  const act = chooseAct(chooser, pick(acts, Math.floor(kind / 60)), n);
  if (!act) return { kind: 'nothing' };
  if (of === 12 || of === 13 || of === 14) {
    const other = chooseAct(chooser, pick(acts, Math.floor(kind / 60 / acts.length)), [
      ...n.slice(3),
      ...n.slice(0, 3),
    ]);
    // Who switched it off is noted by the one that did: not told apart where two do.
    const merges = [act, other].some((one) => one?.operation === 'organization.merge');
    return other && !merges ? { kind: 'race', acts: [act, other] } : { kind: 'act', act };
  }
  if (of === 15) return { kind: 'killed', act, after: (n[9] ?? 0) % 14 };
  return { kind: 'act', act };
}
