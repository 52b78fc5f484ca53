import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { loadChain } from '../../src/delegation/store.ts';
import { run } from '../../src/operation/pipeline.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { operations } from '../../src/server/operations.gen.ts';
import {
  addMembership,
  makeWorld,
  type OrganizationName,
  type Person,
  type PersonName,
  type World,
} from '../harness/world.ts';

/** Each of these once told, or gave, somebody what lies outside; beside every refusal stands what stays permitted. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const absent = '00000000-0000-7000-8000-00000000dead';
const refused = async (act: Promise<unknown>) => {
  const error = await act.then(
    () => 'permitted' as const,
    (refusal) => refusal,
  );
  return error === 'permitted' ? error : { code: error.code, text: error.message, details: error.details };
};

/** A role of an organization's own, of which there is no operation yet. */
async function adminRole(place: OrganizationName, permissions = ['organization.read', 'user.read']) {
  const id = newId();
  await sql`insert into admin_role (id, organization_id, name, permissions)
    values (${id}, ${world.organizations[place].id}, ${`Looks after ${place}`}, ${permissions})`.execute(
    world.db,
  );
  return id;
}

/** A link given by the owner, by SQL: what no operation makes, and what those of later releases may. */
async function link(
  delegate: { userId: string; membershipId: string } | { organizationId: string },
  places: OrganizationName[],
  { parent = world.delegations.owner, role = null as string | null } = {},
): Promise<string> {
  const chain = (await loadChain(world.db, parent))!.map(({ id }) => id);
  const id = newId();
  const scope = [{ places: places.map((name) => ({ ...world.organizations[name], below: true })) }];
  const user = 'userId' in delegate ? delegate : undefined;
  await sql`
    insert into delegation (id, kind, parent_id, chain, giver_user_id, giver_delegation_id, delegate_kind, delegate_user_id,
      delegate_membership_id, delegate_organization_id, admin_role_id, permissions, scope, place_paths, entitlements, may_pass_on)
    values (${id}, 'administer', ${parent}, ${chain}, ${world.people.owner.userId}, ${world.delegations.owner},
      ${user ? 'user' : 'organization'}, ${user?.userId ?? null}, ${user?.membershipId ?? null},
      ${'organizationId' in delegate ? delegate.organizationId : null}, ${role}, ${role ? [] : ['organization.read', 'user.read']},
      ${JSON.stringify(scope)}::jsonb, ${places.map((name) => world.organizations[name].path)},
      '{"applications":[],"entitlements":[]}', 3)`.execute(world.db);
  return id;
}

describe('admin roles (hole 3)', () => {
  const appoint = (adminRoleId: string, by: PersonName = 'acmeManager') =>
    world.as(by, 'delegation.create', {
      organizationId: world.organizations.acmeSouth.id,
      delegate: { membershipId: world.people.southMember.membershipId },
      adminRoleId,
      entitlements: { applicationIds: [], entitlementIds: [] },
    });
  const preview = (adminRoleId: string) =>
    world.as('acmeManager', 'delegation.preview', {
      organizationId: world.organizations.acmeSouth.id,
      delegate: { membershipId: world.people.southMember.membershipId },
      adminRoleId,
      entitlements: { applicationIds: [], entitlementIds: [] },
    });
  const invite = (adminRoleId: string) =>
    world.as('acmeManager', 'invitation.create', {
      organizationId: world.organizations.acmeSouth.id,
      people: [{ email: 'new@example.org' }],
      manager: {
        adminRoleId,
        entitlements: { applicationIds: [], entitlementIds: [] },
        mayPassOn: 0,
      },
    });

  it.each(['acme2', 'beta', 'root', 'acmeNorth'] as const)(
    'that stand at %s are not there for acmeSouth (I08)',
    async (place) => {
      const elsewhere = await adminRole(place);
      for (const act of [appoint, preview, invite])
        expect(await refused(act(elsewhere))).toEqual(await refused(act(absent)));
    },
  );

  it('that stand at or above the place, and that one knows, can be given', async () => {
    const own = await adminRole('acme');
    const { sentence } = await preview(own);
    expect(sentence).toContain('looks after acme');
    expect((await appoint(own)).adminRole?.id).toBe(own);
    // From the root, but carried by a link that one reads or holds oneself.
    const known = await adminRole('root');
    await link(world.people.acmePeer, ['acme'], { parent: world.delegations.acmeStanding, role: known });
    expect((await appoint(known)).adminRole?.id).toBe(known);
    expect((await appoint(known, 'owner')).adminRole?.id).toBe(known);
  });
});

describe('the account behind a membership (hole 4)', () => {
  const recover = (membershipId: string) => world.as('acme2Manager', 'credential.recover', { membershipId });
  const reset = (membershipId: string) => world.as('acme2Manager', 'credential.reset', { membershipId });

  it('is not reached through a membership that one does not see (I08)', async () => {
    const { userId } = world.people.acme2Member;
    const elsewhere = await addMembership(world.db, userId, 'acme2Member', world.organizations.acmeSouth);
    expect(await refused(recover(elsewhere))).toEqual(await refused(recover(absent)));
    expect(await refused(reset(elsewhere))).toEqual(await refused(reset(absent)));
    // The same from whoever sees people and may do nothing with their sign-in.
    const peek = (membershipId: string) => world.as('auditor', 'credential.recover', { membershipId });
    expect(await refused(peek(elsewhere))).toMatchObject({ code: 'not-permitted' });
  });

  it('is reached through the one that one sees', async () => {
    const { membershipId } = world.people.acme2Member;
    expect((await recover(membershipId)).worksForMinutes).toBeGreaterThan(0);
    expect((await reset(membershipId)).code).toBeTruthy();
  });
});

describe('access that one cannot know of (holes 5 and 7)', () => {
  const calls = {
    'assignment.grant': (entitlementId: string) =>
      world.as('acmeManager', 'assignment.grant', {
        membershipIds: [world.people.acmeMember.membershipId],
        entitlementIds: [entitlementId],
      }),
    'invitation.create': (entitlementId: string) =>
      world.as('acmeManager', 'invitation.create', {
        organizationId: world.organizations.acme.id,
        people: [{ email: 'new@example.org' }],
        entitlementIds: [entitlementId],
      }),
    'user.enrol': (entitlementId: string) =>
      world.as('acmeManager', 'user.enrol', {
        organizationId: world.organizations.acme.id,
        userName: 'ann',
        displayName: 'Ann',
        entitlementIds: [entitlementId],
      }),
    'decision.explain': (entitlementId: string) =>
      world.as('acmeManager', 'decision.explain', {
        permission: 'access.grant',
        organizationId: world.organizations.acme.id,
        entitlementId,
      }),
  };
  const registerAt = async (place: OrganizationName) => {
    const [applicationId, entitlementId] = [newId(), newId()];
    await sql`insert into application (id, organization_id, key, name, client_id)
      values (${applicationId}, ${world.organizations[place].id}, 'own', 'Own', ${applicationId})`.execute(
      world.db,
    );
    await sql`insert into entitlement (id, application_id, key, name)
      values (${entitlementId}, ${applicationId}, 'user', 'User')`.execute(world.db);
    return entitlementId;
  };

  it.each(Object.keys(calls) as (keyof typeof calls)[])(
    'is answered by %s as what does not exist',
    async (name) => {
      const act = calls[name];
      const nothing = await refused(act(absent));
      expect(nothing).toMatchObject({ code: 'not-found' });
      expect(await refused(act(world.entitlements.ledgerClerk))).toEqual(nothing);
      expect(await refused(act(await registerAt('beta')))).toEqual(nothing);
    },
  );

  it('is told from what one may hand out, and from what one sees', async () => {
    for (const act of Object.values(calls))
      expect(await refused(act(world.entitlements.partsBuyer))).toBe('permitted');
    // In one's own organization one sees it, and is told why not.
    const own = await registerAt('acme');
    expect(await refused(calls['assignment.grant'](own))).toMatchObject({ code: 'not-permitted' });
    expect((await calls['decision.explain'](own)).sentence).toMatch(/not among those you may hand out/);
  });

  it('still says to whoever holds one part of it each why both together are not theirs', async () => {
    const explained = await world.as('northManager', 'decision.explain', {
      permission: 'access.grant',
      organizationId: world.organizations.acmeNorth.id,
      entitlementId: world.entitlements.partsBuyer,
    });
    expect(explained.effect).toBe('permit');
  });
});

describe('lists narrowed to an organization (hole 6)', () => {
  it('answer one above the reach as one that does not exist', async () => {
    const invite = { people: [{ email: 'new@example.org' }] };
    await world.as('northManager', 'invitation.create', {
      organizationId: world.organizations.acmeNorth.id,
      ...invite,
    });
    const list = (organizationId: string) => world.as('northManager', 'invitation.list', { organizationId });
    expect(await refused(list(world.organizations.acme.id))).toEqual(await refused(list(absent)));
    expect((await list(world.organizations.acmeNorth.id)).items).toHaveLength(1);
    expect(
      (await world.as('acmeManager', 'invitation.list', { organizationId: world.organizations.acme.id }))
        .items,
    ).toHaveLength(1);
  });
});

describe('delegations of people and over places elsewhere (holes 8 and 9)', () => {
  const read = (by: PersonName, delegationId: string) => world.as(by, 'delegation.read', { delegationId });

  it('name neither the holder nor their organization to whoever cannot see them (ruling 9)', async () => {
    const id = await link(world.people.betaMember, ['acmeSouth']);
    const seen = await read('acmeManager', id);
    expect(seen.delegate).toEqual({
      kind: 'user',
      name: 'a level above',
      userId: null,
      membershipId: null,
      organizationId: null,
      clientId: null,
    });
    const { items } = await world.as('acmeManager', 'delegation.list', {
      organizationId: world.organizations.acmeSouth.id,
    });
    for (const secret of ['betaMember', world.people.betaMember.userId, world.organizations.beta.id])
      expect(JSON.stringify([seen, items])).not.toContain(secret);
    expect(items.map((item) => item.id)).toEqual([id]);
    // Whoever sees both ends reads all of it, and so does whoever holds it.
    expect((await read('owner', id)).delegate.name).toBe('betaMember');
    const { received } = await world.as('betaMember', 'delegation.mine', {});
    expect(received[0]).toMatchObject({ places: [{ name: 'acmeSouth' }], elsewhere: false });
    expect(received[0]!.delegate.membershipId).toBe(world.people.betaMember.membershipId);
  });

  it('do not name an organization elsewhere that may hand out here', async () => {
    const id = await link({ organizationId: world.organizations.beta.id }, ['acmeSouth']);
    const seen = await read('acmeManager', id);
    expect(seen.delegate).toMatchObject({ name: 'a level above', organizationId: null });
    expect(seen.sentence).not.toContain('beta');
    expect((await read('owner', id)).delegate.organizationId).toBe(world.organizations.beta.id);
    const own = await read('acmeManager', world.delegations.acmeStanding);
    expect(own.delegate.name).toBe('acme');
  });

  it('know a holder by the membership that holds it, not by where they are at home', async () => {
    const { userId } = world.people.betaMember;
    const membershipId = await addMembership(world.db, userId, 'betaMember', world.organizations.acmeSouth);
    const id = await link({ userId, membershipId }, ['acmeSouth']);
    expect((await read('acmeManager', id)).delegate).toMatchObject({ name: 'betaMember', membershipId });
  });

  it.each([['acmeSouth', 'beta'] as const, ['beta', 'acmeSouth'] as const])(
    'over %s and %s show each reader their own places only, whichever is named first',
    async (first, second) => {
      const id = await link(world.people.acmePeer, [first, second]);
      const seen = await read('acmeManager', id);
      expect(seen.places.map(({ name }) => name)).toEqual(['acmeSouth']);
      expect(seen).toMatchObject({ elsewhere: true, sentence: expect.stringContaining('places elsewhere') });
      expect(JSON.stringify(seen)).not.toMatch(new RegExp(`beta|${world.organizations.beta.id}`));
      const { items } = await world.as('acmeManager', 'delegation.list', {
        organizationId: world.organizations.acme.id,
        below: true,
      });
      expect(items.some((item) => item.id === id)).toBe(true);
      expect((await read('owner', id)).places).toHaveLength(2);
      expect(await refused(read('acme2Manager', id))).toEqual(await refused(read('acme2Manager', absent)));
    },
  );
});

describe('owners (ATT9)', () => {
  /** Everything, given by an owner: a level below them. */
  const powerUser = async () => {
    const { rootMember } = world.people;
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.root.id,
      delegate: { membershipId: rootMember.membershipId },
      adminRoleId: adminRoleId('power-user'),
    });
    return rootMember;
  };
  const acts = [
    ['membership.end', {}],
    ['membership.suspend', {}],
    ['membership.end', { lastDay: '2099-01-01' }],
  ] as const;

  it.each(acts)('are not taken out by whoever stands below them: %s %j', async (name, more) => {
    const below = await powerUser();
    for (const owner of ['owner', 'secondOwner'] as const)
      expect(
        await refused(world.as(below, name, { membershipId: world.people[owner].membershipId, ...more })),
      ).toMatchObject({ code: 'lastDay' in more ? 'membership.owner' : 'membership.owner-only' });
    await world.as(below, name, { membershipId: world.people.acmeMember.membershipId, ...more });
  });

  it('are taken out by another owner, who remains', async () => {
    const { membershipId } = world.people.secondOwner;
    await world.as('owner', 'membership.suspend', { membershipId });
    await world.as('owner', 'membership.resume', { membershipId });
    await world.as('owner', 'membership.end', { membershipId });
  });

  it('nobody who has begun gets a first day to come, which would be a suspension for good', async () => {
    const below = await powerUser();
    const later = (who: PersonName, firstDay: string) =>
      world.as(below, 'membership.update', { membershipId: world.people[who].membershipId, firstDay });
    for (const who of ['owner', 'acmeMember', 'acmeManager'] as const)
      expect(await refused(later(who, '2099-01-01'))).toMatchObject({ code: 'input.invalid' });
    // A day that has come changes nothing but the record.
    await later('acmeMember', '2020-01-01');
    expect((await world.as('owner', 'user.list', {})).items.length).toBeGreaterThan(0);
  });

  it('do not go with an organization that is switched off below them', async () => {
    const below = await powerUser();
    const { userId } = world.people.secondOwner;
    const elsewhere = await addMembership(world.db, userId, 'secondOwner', world.organizations.beta);
    await link({ userId, membershipId: elsewhere }, ['acme2'], { parent: world.delegations.rootRow });
    const close = (as: Person | PersonName) =>
      world.as(as, 'organization.close', { organizationId: world.organizations.beta.id });
    expect(await refused(close(below))).toMatchObject({ code: 'membership.owner-only' });
    await close('owner');
  });
});

describe('an invitation that appoints a manager (ATT5)', () => {
  const offer = async (email: string, manager?: object) => {
    const { results } = await world.as('acmeManager', 'invitation.create', {
      organizationId: world.organizations.acmeNorth.id,
      people: [{ email, displayName: 'New Person' }],
      ...(manager ? { manager } : {}),
    });
    return await makeLinkSecret(world.db, 'invitation', results[0]!.invitationId!, 86_400);
  };
  const accept = (token: string) =>
    run(world.services, operations['invitation.accept'], {
      credential: { kind: 'none' },
      input: { token, password: 'a walrus in the garden' },
      requestId: 'test',
      caller: { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined },
    });
  const manager = { adminRoleId: adminRoleId('delegated-manager'), mayPassOn: 0 };

  it('waits while its giver is suspended, and dies when they leave', async () => {
    const [first, second] = [
      await offer('one@example.org', manager),
      await offer('two@example.org', manager),
    ];
    const { membershipId } = world.people.acmeManager;
    await world.as('owner', 'membership.suspend', { membershipId });
    expect(await refused(accept(first))).toMatchObject({ code: 'invitation.dead' });
    await world.as('owner', 'membership.resume', { membershipId });
    await accept(first);
    await world.as('owner', 'membership.end', { membershipId });
    expect(await refused(accept(second))).toMatchObject({ code: 'invitation.dead' });
    const { items } = await world.as('acmePeer', 'invitation.list', { state: 'all' });
    expect(items.find((item) => item.email === 'two@example.org')!.state).toBe('dead');
  });

  it('is not the invitation of a member, which the organization stands by', async () => {
    const token = await offer('three@example.org');
    await world.as('owner', 'membership.end', { membershipId: world.people.acmeManager.membershipId });
    await accept(token);
  });
});

describe('mail domains (ATT14)', () => {
  const claim = (by: PersonName, place: OrganizationName, ...domains: string[]) =>
    world.as(by, 'organization.update', { organizationId: world.organizations[place].id, domains });
  const onboard = (by: PersonName, place: OrganizationName, ...domains: string[]) =>
    world.as(by, 'partner.onboard', {
      parentId: world.organizations[place].id,
      name: 'Partner',
      managerName: 'Pat',
      managerEmail: 'pat@example.org',
      domains,
    });

  it('are given by whoever looks after the whole, so that trying tells nobody who has one', async () => {
    await claim('owner', 'beta', 'beta.example');
    for (const act of [claim, onboard]) {
      const free = await refused(act('acmeManager', 'acmeNorth', 'free.example'));
      expect(free).toMatchObject({ code: 'not-permitted' });
      expect(await refused(act('acmeManager', 'acmeNorth', 'beta.example'))).toEqual(free);
      expect(await refused(act('owner', 'acmeNorth', 'beta.example'))).toMatchObject({
        code: 'organization.domain-taken',
      });
    }
    await onboard('owner', 'root', 'free.example');
  });

  it('are divided by a manager below one that an organization above has', async () => {
    await claim('owner', 'acme', 'acme.example');
    expect(await refused(claim('acmeManager', 'acmeNorth', 'notacme.example'))).toMatchObject({
      code: 'not-permitted',
    });
    await claim('acmeManager', 'acmeNorth', 'north.acme.example');
    // What stands there stays, and can be given up.
    await claim('acmeManager', 'acmeNorth', 'north.acme.example');
    await claim('acmeManager', 'acmeNorth');
    await onboard('acmeManager', 'acme', 'new.acme.example');
  });
});

describe('what was done from above (ATT15, ATT16)', () => {
  const makeKey = (by: PersonName) =>
    world.as(by, 'client.create', {
      organizationId: world.organizations.acme.id,
      name: 'feed',
      permissions: ['user.read'],
    });
  const endKey = (by: PersonName, clientId: string) => world.as(by, 'client.end', { clientId });

  it('a key is ended by its maker and from above, not by a peer', async () => {
    const [first, second, third] = [
      await makeKey('acmePeer'),
      await makeKey('acmePeer'),
      await makeKey('owner'),
    ];
    for (const { id } of [first, third])
      expect(await refused(endKey('acmeManager', id))).toMatchObject({ code: 'delegation.not-above' });
    expect((await endKey('acmePeer', first.id)).state).toBe('ended');
    expect((await endKey('owner', second.id)).state).toBe('ended');
    expect((await endKey('owner', third.id)).state).toBe('ended');
  });

  it('a pause is lifted by whoever paused, or from above them', async () => {
    const delegationId = world.delegations.northManager;
    const pause = (by: PersonName) => world.as(by, 'delegation.pause', { delegationId });
    const resume = (by: PersonName) => world.as(by, 'delegation.resume', { delegationId });
    await pause('owner');
    expect(await refused(resume('acmeManager'))).toMatchObject({ code: 'lift.from-above' });
    expect((await resume('owner')).state).toBe('active');
    await pause('acmeManager');
    expect((await resume('acmeManager')).state).toBe('active');
    await pause('acmeManager');
    expect((await resume('owner')).state).toBe('active');
  });

  it('so are the suspensions of a person and of an organization', async () => {
    const { membershipId } = world.people.northMember;
    const { id: organizationId } = world.organizations.acmeNorthSite;
    const acts = [
      (by: PersonName) => world.as(by, 'membership.suspend', { membershipId }),
      (by: PersonName) => world.as(by, 'organization.suspend', { organizationId }),
    ];
    const lifts = [
      (by: PersonName) => world.as(by, 'membership.resume', { membershipId }),
      (by: PersonName) => world.as(by, 'organization.resume', { organizationId }),
    ];
    for (const [index, act] of acts.entries()) {
      const lift = lifts[index]!;
      await act('owner');
      expect(await refused(lift('acmeManager'))).toMatchObject({ code: 'lift.from-above' });
      await lift('owner');
      await act('acmeManager');
      // A peer may: neither stands below the other.
      await lift('acmePeer');
      await act('northManager');
      await lift('owner');
    }
  });
});

describe('giving up and handing over (ATT18, ATT19)', () => {
  const canSignIn = async (...people: PersonName[]) => {
    for (const name of people)
      await sql`insert into credential (user_id, password_hash) values (${world.people[name].userId}, 'x')`.execute(
        world.db,
      );
  };
  const resign = (by: PersonName, delegationId: string) =>
    world.as(by, 'delegation.resign', { delegationId });

  it('the last owner who can sign in does not resign, though others hold as much below them', async () => {
    await canSignIn('owner', 'acmeManager', 'rootMember');
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.root.id,
      delegate: { membershipId: world.people.rootMember.membershipId },
      adminRoleId: adminRoleId('power-user'),
    });
    expect(await refused(resign('owner', world.delegations.owner))).toMatchObject({
      code: 'delegation.last-manager',
    });
    await canSignIn('secondOwner');
    expect((await resign('owner', world.delegations.owner)).state).toBe('ended');
  });

  it('a manager resigns where another one can look after the place, be it from above', async () => {
    await canSignIn('acmeManager', 'northManager');
    expect(await refused(resign('acmeManager', world.delegations.acmeManager))).toMatchObject({
      code: 'delegation.last-manager',
      details: { organization: 'acme' },
    });
    await canSignIn('owner');
    expect((await resign('acmeManager', world.delegations.acmeManager)).state).toBe('ended');
  });

  it('what is paused, or hangs below something paused, is not handed over until it is in force', async () => {
    const { membershipId } = world.people.acmeManager;
    const hand = () =>
      world.as('acmePeer', 'delegation.hand-over', {
        delegationId: world.delegations.acmeManager,
        membershipId: world.people.acmePeer.membershipId,
      });
    await world.as('owner', 'delegation.pause', { delegationId: world.delegations.acmeManager });
    await world.as('owner', 'membership.end', { membershipId });
    expect(await refused(hand())).toMatchObject({ code: 'delegation.not-in-force' });
    await world.as('owner', 'delegation.resume', { delegationId: world.delegations.acmeManager });
    expect((await hand()).moved).toBe(1);
  });

  it('nobody who is suspended or has not begun leaves a vacant link (point e)', async () => {
    const { membershipId } = world.people.acmeManager;
    const vacant = async () =>
      (await world.as('owner', 'delegation.vacant', {})).items.map(({ delegation }) => delegation.id);
    const hand = () =>
      world.as('owner', 'delegation.hand-over', {
        delegationId: world.delegations.acmeManager,
        membershipId: world.people.acmePeer.membershipId,
      });
    const state = (set: ReturnType<typeof sql>) =>
      sql`update membership set ${set} where id = ${membershipId}`.execute(world.db);
    for (const set of [
      sql`state = 'suspended'`,
      sql`starts_at = remit_now() + interval '1 day', state = 'active'`,
    ]) {
      await state(set);
      expect(await vacant()).toEqual([]);
      expect(await refused(hand())).toMatchObject({ code: 'delegation.not-vacant' });
      const seen = await world.as('owner', 'delegation.read', {
        delegationId: world.delegations.acmeManager,
      });
      expect(seen.vacant).toBe(false);
    }
    await state(sql`starts_at = '-infinity', ends_at = remit_now()`);
    expect(await vacant()).toEqual([world.delegations.acmeManager]);
    expect((await hand()).moved).toBe(1);
  });
});

describe('what stands in the way of two at once, and of detours', () => {
  it('one organization gets one standing delegation, and one domain one owner (ATT22, ATT23)', async () => {
    const six = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6].map(() =>
        world.as('owner', 'delegation.create', {
          organizationId: world.organizations.beta.id,
          delegate: 'organization',
        }),
      ),
    );
    expect(six.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const claims = await Promise.allSettled(
      (['acme', 'acme2', 'beta'] as const).map((place) =>
        world.as('owner', 'organization.update', {
          organizationId: world.organizations[place].id,
          domains: ['one.example'],
        }),
      ),
    );
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('narrowing by nothing changes nothing (ATT24)', async () => {
    const delegationId = world.delegations.acmeManager;
    const { version } = await world.as('owner', 'delegation.read', { delegationId });
    expect((await world.as('owner', 'delegation.narrow', { delegationId })).version).toBe(version);
    const narrower = await world.as('owner', 'delegation.narrow', { delegationId, mayPassOn: 1 });
    expect(narrower.version).toBe(version + 1);
  });

  it('nobody lengthens a last day by moving the clock of its organization (ATT25)', async () => {
    const lastDay = (person: PersonName) =>
      world.as('owner', 'membership.update', {
        membershipId: world.people[person].membershipId,
        lastDay: '2099-06-30',
      });
    const zone = (by: PersonName, timeZone: string) =>
      world.as(by, 'organization.update', { organizationId: world.organizations.acmeNorth.id, timeZone });
    await lastDay('northManager');
    expect(await refused(zone('northManager', 'Pacific/Pago_Pago'))).toMatchObject({ code: 'user.self' });
    await zone('northManager', 'Asia/Tokyo');
    await zone('acmeManager', 'Pacific/Pago_Pago');
  });

  it('when somebody signed in is told where they are at home (ATT27)', async () => {
    const { userId } = world.people.acme2Member;
    const elsewhere = await addMembership(world.db, userId, 'acme2Member', world.organizations.acmeSouth);
    await sql`insert into session (id, token_hash, user_id, membership_id, expires_at, ends_at)
      values (${newId()}, 'x', ${userId}, ${elsewhere}, remit_now() + interval '1 hour', remit_now() + interval '1 hour')`.execute(
      world.db,
    );
    const seen = await world.as('acmeManager', 'membership.read', { membershipId: elsewhere });
    expect(seen.signIn.lastSignInAt).toBeNull();
    const home = await world.as('acme2Manager', 'membership.read', {
      membershipId: world.people.acme2Member.membershipId,
    });
    expect(home.signIn.lastSignInAt).not.toBeNull();
  });

  it('shows acts on an account only where its home is in reach (point c)', async () => {
    const { userId, membershipId } = world.people.acme2Member;
    const elsewhere = await addMembership(world.db, userId, 'acme2Member', world.organizations.acmeSouth);
    const may = async (by: PersonName, id: string) =>
      (await world.as(by, 'membership.read', { membershipId: id })).may.filter((name) =>
        name.startsWith('credential.'),
      );
    expect(await may('acmeManager', elsewhere)).toEqual([]);
    expect(await may('acme2Manager', membershipId)).toEqual(['credential.recover', 'credential.reset']);
  });
});
