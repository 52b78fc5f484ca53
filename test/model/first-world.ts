/** Two branches and a look-alike sibling, with people, managers and a few odd delegations that the choices pick from. */
import {
  always,
  emptyWorld,
  type Instant,
  type Limit,
  type Link,
  never,
  type Rule,
  type World,
} from './world.ts';

/** Ids that say in a failure what they are of, in the order in which they were made; never twice in a process. */
export function idMaker(trace: number): (kind: string) => string {
  let made = 0;
  const hex = trace.toString(16).padStart(8, '0').slice(-8);
  return (kind) => {
    made += 1;
    return `${hex}-${kind.padStart(4, '0')}-7000-8000-${String(made).padStart(12, '0')}`;
  };
}

const tree: Record<string, string | null> = {
  root: null,
  acme: 'root',
  acme2: 'root',
  beta: 'root',
  north: 'acme',
  south: 'acme',
  site: 'north',
  annex: 'acme2',
};

const people: Record<string, string> = {
  owner: 'root',
  secondOwner: 'root',
  auditor: 'root',
  powerUser: 'root',
  acmeManager: 'acme',
  acmePeer: 'acme',
  helpDesk: 'acme',
  accessManager: 'acme',
  acmeMember: 'acme',
  northManager: 'north',
  northMember: 'north',
  siteMember: 'site',
  siteLead: 'site',
  southMember: 'south',
  acme2Manager: 'acme2',
  acme2Member: 'acme2',
  annexMember: 'annex',
  betaManager: 'beta',
  betaMember: 'beta',
};

/** Nobody has none of them for long: rules ask for these. */
export const titles = ['fitter', '', 'clerk'];

export type FirstWorld = {
  world: World;
  /** by name: organizations, memberships, links */
  id: Record<string, string>;
  applications: string[];
  entitlements: string[];
};

export const kindOf = {
  organization: 'a',
  user: 'b',
  membership: 'c',
  link: 'd',
  application: 'e',
  entitlement: 'f',
  other: '9',
};

/** @param odd bits that choose which of the odd delegations are there */
export function firstWorld(
  now: Instant,
  odd: number,
  roles: World['roles'],
  make: (kind: string) => string,
): FirstWorld {
  const world = emptyWorld(now);
  world.roles = new Map(roles);
  const id: Record<string, string> = {};
  for (const [name, above] of Object.entries(tree)) {
    id[name] = make(kindOf.organization);
    world.organizations.set(id[name], {
      id: id[name],
      parentId: above === null ? null : id[above]!,
      name,
      state: 'active',
    });
  }
  const join = (userId: string, organizationId: string): string => {
    const membershipId = make(kindOf.membership);
    world.memberships.set(membershipId, {
      id: membershipId,
      userId,
      organizationId,
      state: 'active',
      startsAt: never,
      endsAt: always,
      managerId: null,
      createdAt: now,
      title: titles[world.memberships.size % titles.length]!,
      depot: world.memberships.size % 2 === 0 ? 'east' : null,
    });
    return membershipId;
  };
  for (const [name, home] of Object.entries(people)) {
    const userId = make(kindOf.user);
    world.users.set(userId, {
      id: userId,
      name,
      home: id[home]!,
      state: 'active',
      canSignIn: name !== 'southMember',
    });
    id[name] = join(userId, id[home]!);
  }
  const userOf = (name: string): string => world.memberships.get(id[name]!)!.userId;
  id.acmeMemberInAcme2 = join(userOf('acmeMember'), id.acme2!);
  id.northManagerInSouth = join(userOf('northManager'), id.south!);
  const reportsTo = (name: string, manager: string): void => {
    world.memberships.set(id[name]!, { ...world.memberships.get(id[name]!)!, managerId: id[manager]! });
  };
  reportsTo('northManager', 'acmeManager');
  reportsTo('northMember', 'northManager');
  reportsTo('siteLead', 'northMember');
  reportsTo('siteMember', 'siteLead');
  reportsTo('acmeMember', 'acmePeer');
  reportsTo('annexMember', 'acme2Manager');

  const applications = [0, 1, 2].map(() => make(kindOf.application));
  const entitlements = [0, 0, 1, 1, 2].map((application) => {
    const entitlement = make(kindOf.entitlement);
    world.applicationOf.set(entitlement, applications[application]!);
    return entitlement;
  });

  const all: Limit = { all: true };
  const two: Limit = { applications: applications.slice(0, 2), entitlements: [] };
  const one: Limit = { applications: [], entitlements: entitlements.slice(0, 1) };
  const role = (key: number): string => `00000000-0000-7000-8000-00000000000${key}`;
  type Wish = Partial<Link> & Pick<Link, 'delegate'> & { over?: string };
  const give = (name: string, parent: string | null, giver: string | null, wish: Wish): void => {
    const { over = 'root', ...fields } = wish;
    id[name] = make(kindOf.link);
    world.links.set(id[name], {
      id: id[name],
      kind: 'administer',
      parentId: parent === null ? null : id[parent]!,
      giverUserId: giver === null ? null : userOf(giver),
      giverMembershipId: giver === null ? null : id[giver]!,
      giverDelegationId: parent === null ? null : id[parent]!,
      roleId: null,
      permissions: [],
      scope: [{ places: [{ organizationId: id[over]!, below: true }], holes: [] }],
      limit: two,
      startsAt: never,
      endsAt: always,
      mayPassOn: 0,
      seats: null,
      state: 'active',
      ...fields,
    });
  };
  const user = (name: string): Link['delegate'] => ({
    kind: 'user',
    userId: userOf(name),
    membershipId: id[name]!,
  });
  const standing = (name: string): Link['delegate'] => ({ kind: 'organization', organizationId: id[name]! });
  const permissions = [...(roles.get(role(1))?.permissions ?? [])];
  give('rootRow', null, null, { delegate: { kind: 'root' }, permissions, limit: all, mayPassOn: 1000 });
  const owner = { roleId: role(1), limit: all, mayPassOn: 999 };
  give('ownerLink', 'rootRow', null, { delegate: user('owner'), ...owner });
  give('secondOwnerLink', 'rootRow', null, { delegate: user('secondOwner'), ...owner });
  give('powerUserLink', 'ownerLink', 'owner', {
    delegate: user('powerUser'),
    roleId: role(2),
    limit: all,
    mayPassOn: 9,
  });
  give('auditorLink', 'ownerLink', 'owner', { delegate: user('auditor'), roleId: role(6), limit: all });
  const manager = role(3);
  const ceiling = permissions.filter((name) => !['organization.close', 'organization.move'].includes(name));
  give('acmeStanding', 'ownerLink', 'owner', {
    delegate: standing('acme'),
    over: 'acme',
    permissions: odd & 1 ? permissions : ceiling,
    mayPassOn: 5,
  });
  give('acme2Standing', 'powerUserLink', 'powerUser', {
    delegate: standing('acme2'),
    over: 'acme2',
    permissions: ceiling,
    mayPassOn: 2,
  });
  if (odd & 2)
    give('northStanding', 'acmeStanding', 'owner', {
      delegate: standing('north'),
      over: 'north',
      permissions: ceiling,
      limit: one,
      mayPassOn: 3,
    });
  // may hand out more than the organization above it, whose rules reach here
  give('siteStanding', 'ownerLink', 'owner', {
    delegate: standing('site'),
    over: 'site',
    permissions: ceiling,
    limit: all,
    mayPassOn: 2,
  });
  give('acmeManagerLink', 'acmeStanding', 'owner', {
    delegate: user('acmeManager'),
    over: 'acme',
    roleId: manager,
    permissions: odd & 1 ? ['organization.close', 'organization.move'] : [],
    mayPassOn: 3,
  });
  give('acmePeerLink', 'acmeStanding', 'owner', {
    delegate: user('acmePeer'),
    over: 'acme',
    roleId: manager,
    mayPassOn: 1,
  });
  give('helpDeskLink', 'acmeStanding', 'owner', {
    delegate: user('helpDesk'),
    over: 'acme',
    roleId: role(4),
  });
  give('accessManagerLink', 'acmeManagerLink', 'acmeManager', {
    delegate: user('accessManager'),
    over: 'acme',
    roleId: role(5),
    limit: one,
  });
  give('northManagerLink', 'acmeManagerLink', 'acmeManager', {
    delegate: user('northManager'),
    over: 'north',
    roleId: manager,
    mayPassOn: 1,
  });
  // writes what rules read, and gives nothing
  give('northClerkLink', 'northManagerLink', 'northManager', {
    delegate: user('siteLead'),
    over: 'north',
    permissions: ['organization.read', 'user.read', 'membership.update'],
  });
  give('acme2ManagerLink', 'acme2Standing', 'powerUser', {
    delegate: user('acme2Manager'),
    over: 'acme2',
    roleId: manager,
    mayPassOn: 1,
  });
  give('betaManagerLink', 'secondOwnerLink', 'secondOwner', {
    delegate: user('betaManager'),
    over: 'beta',
    roleId: manager,
    limit: all,
    mayPassOn: 2,
  });
  const own = [
    { places: [{ organizationId: id.acme!, below: true }], whereRelated: true as const, holes: [] },
  ];
  const looks = ['user.read', 'access.read', 'access.grant', 'access.end', 'membership.update'];
  if (odd & 4)
    give('leadsOfAcme', 'acmeManagerLink', 'acmeManager', {
      delegate: { kind: 'relation', relation: 'line-managers', organizationId: id.acme! },
      permissions: looks,
      scope: [
        {
          places: [{ organizationId: id.acme!, below: true }],
          holes: [],
          reports: { depth: odd & 8 ? 'direct' : 'all' },
        },
      ],
      mayPassOn: 1,
    });
  if (odd & 16)
    give('managersOfAcme', 'acmeStanding', 'owner', {
      delegate: { kind: 'relation', relation: 'managers', organizationId: id.acme! },
      permissions: [...looks, 'user.invite', 'delegation.create', 'organization.read'],
      scope: own,
      mayPassOn: 2,
    });
  if (odd & 32)
    give('membersOfAcme2', 'acme2Standing', 'powerUser', {
      delegate: { kind: 'relation', relation: 'members', organizationId: id.acme2! },
      permissions: ['user.read', 'organization.read', 'access.read'],
      over: 'acme2',
    });
  if (odd & 64)
    give('deputyOfAcmeManager', null, 'acmeManager', {
      kind: 'approve',
      delegate: user('betaMember'),
      over: 'acme',
      mayPassOn: 0,
    });
  if (odd & 128)
    give('southDesk', 'acmePeerLink', 'acmePeer', {
      delegate: user('southMember'),
      permissions: ['organization.read', 'user.read', 'membership.suspend', 'credential.reset'],
      scope: [
        {
          places: [{ organizationId: id.acme!, below: true }],
          holes: [{ organizationId: id.north!, below: true }],
        },
        { places: [{ organizationId: id.site!, below: false }], holes: [], users: [userOf('siteMember')] },
      ],
    });
  const rule = (name: string, over: string, fields: Partial<Rule>): void => {
    id[name] = make(kindOf.other);
    world.rules.set(id[name], {
      id: id[name],
      organizationId: id[over]!,
      inOrganizationId: null,
      below: true,
      title: null,
      depots: [],
      relation: null,
      entitlementId: entitlements[0]!,
      startsAt: never,
      endsAt: always,
      firstDay: null,
      lastDay: null,
      state: 'active',
      ...fields,
    });
  };
  rule('fittersOfAcme', 'acme', { title: 'fitter' });
  // above what Acme may hand out: by its own rule nobody has it, by one from above those at the site
  rule('clerksOfAcme', 'acme', { title: 'clerk', entitlementId: entitlements[4]! });
  rule('clerksOfAll', 'root', { title: 'clerk', entitlementId: entitlements[4]! });
  rule('leadsOfEast', 'acme', {
    inOrganizationId: id.north!,
    depots: ['east'],
    relation: 'line-managers',
    entitlementId: entitlements[2]!,
  });
  return { world, id, applications, entitlements };
}
