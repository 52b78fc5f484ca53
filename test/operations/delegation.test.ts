import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holders } from '../../src/authority/holders.ts';
import { holds } from '../../src/authority/holds.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { dominates, loadPower } from '../../src/authority/power.ts';
import { organizationTarget } from '../../src/operation/targets.ts';
import { newId } from '../../src/platform/ids.ts';
import { addMembership, makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const manager = adminRoleId('delegated-manager');
const why = (person: PersonName, permission: 'user.invite', organization: keyof World['organizations']) =>
  world.as(person, 'decision.explain', { permission, organizationId: world.organizations[organization].id });

describe('passing on', () => {
  it('lets a manager appoint one below, within what they have (I01)', async () => {
    const made = await world.as('acmeManager', 'delegation.create', {
      organizationId: world.organizations.acmeSouth.id,
      delegate: { membershipId: world.people.southMember.membershipId },
      adminRoleId: manager,
      entitlements: { applicationIds: [world.applications.parts] },
    });
    expect(made.sentence).toContain('acmeSouth');
    expect(made.effective).toBe(true);
    expect((await why('southMember', 'user.invite', 'acmeSouth')).effect).toBe('permit');
    await expect(why('southMember', 'user.invite', 'acme')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses more than the giver has: place, access, passing on, role', async () => {
    const base = {
      organizationId: world.organizations.acmeNorth.id,
      delegate: { membershipId: world.people.northMember.membershipId },
      adminRoleId: manager,
    };
    await expect(
      world.as('acmeManager', 'delegation.create', {
        ...base,
        entitlements: { applicationIds: [world.applications.ledger] },
      }),
    ).rejects.toMatchObject({ code: 'delegation.outside' });
    await expect(
      world.as('acmeManager', 'delegation.create', { ...base, mayPassOn: 3 }),
    ).rejects.toMatchObject({ code: 'delegation.outside' });
    await expect(
      world.as('acmeManager', 'delegation.create', { ...base, adminRoleId: adminRoleId('owner') }),
    ).rejects.toMatchObject({ code: 'delegation.outside' });
    await expect(
      world.as('acmeManager', 'delegation.create', { ...base, organizationId: world.organizations.acme2.id }),
    ).rejects.toMatchObject({ code: 'not-found' });
    await expect(world.as('northManager', 'delegation.create', base)).rejects.toMatchObject({
      code: 'delegation.outside',
    });
    await expect(
      world.as('acmeManager', 'delegation.create', {
        ...base,
        delegate: { membershipId: world.people.acme2Member.membershipId },
      }),
    ).rejects.toMatchObject({ code: 'not-found' });
    await expect(
      world.as('acmeManager', 'delegation.create', {
        ...base,
        delegate: { membershipId: world.people.acmeManager.membershipId },
      }),
    ).rejects.toMatchObject({ code: 'user.self' });
  });

  it('hangs a manager whom the owner appoints below the standing delegation', async () => {
    const made = await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acmeSouth.id,
      delegate: { membershipId: world.people.southMember.membershipId },
      adminRoleId: manager,
    });
    const { rows } = await sql<{
      parent_id: string;
    }>`select parent_id from delegation where id = ${made.id}`.execute(world.db);
    expect(rows[0]!.parent_id).toBe(world.delegations.acmeStanding);
  });
});

describe('ending', () => {
  it('stops everything below at the next request, and says which link it was (I14, I15)', async () => {
    expect((await why('northManager', 'user.invite', 'acmeNorth')).effect).toBe('permit');
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acmeStanding });
    await expect(world.as('acmeManager', 'user.list', {})).rejects.toMatchObject({
      code: 'not-permitted',
      details: { missing: 'A delegation above yours was ended.' },
    });
    await expect(
      world.as('northManager', 'organization.read', { organizationId: world.organizations.acmeNorth.id }),
    ).rejects.toMatchObject({ code: 'not-found' });
    const answer = await why('northManager', 'user.invite', 'acmeNorth');
    expect(answer.effect).toBe('deny');
    expect(answer.sentence).toMatch(/What acme may hand out was ended on/);
    expect((await why('acme2Manager', 'user.invite', 'acme2')).effect).toBe('permit');
  });

  it('is for holders above, never for peers', async () => {
    await expect(
      world.as('acmePeer', 'delegation.end', { delegationId: world.delegations.acmeManager }),
    ).rejects.toMatchObject({ code: 'delegation.not-above' });
    await expect(
      world.as('acmePeer', 'delegation.end', { delegationId: world.delegations.northManager }),
    ).rejects.toMatchObject({ code: 'delegation.not-above' });
    await world.as('acmeManager', 'delegation.end', { delegationId: world.delegations.northManager });
    await expect(
      world.as('acmeManager', 'delegation.end', { delegationId: world.delegations.northManager }),
    ).rejects.toMatchObject({ code: 'delegation.ended' });
  });

  it('pauses and resumes, and resigns', async () => {
    await world.as('owner', 'delegation.pause', { delegationId: world.delegations.acmeStanding });
    expect((await why('acmeManager', 'user.invite', 'acme')).effect).toBe('deny');
    await world.as('owner', 'delegation.resume', { delegationId: world.delegations.acmeStanding });
    expect((await why('acmeManager', 'user.invite', 'acme')).effect).toBe('permit');
    await world.as('acmeManager', 'delegation.resign', { delegationId: world.delegations.acmeManager });
    expect((await why('acmeManager', 'user.invite', 'acme')).effect).toBe('deny');
    expect((await why('northManager', 'user.invite', 'acmeNorth')).effect).toBe('deny');
  });

  it('narrows only', async () => {
    const delegationId = world.delegations.acmeStanding;
    await expect(
      world.as('owner', 'delegation.narrow', {
        delegationId,
        entitlements: { applicationIds: [world.applications.ledger] },
      }),
    ).rejects.toMatchObject({ code: 'delegation.widens' });
    const before = await world.as('owner', 'delegation.read', { delegationId });
    await expect(
      world.as('owner', 'delegation.narrow', { delegationId, mayPassOn: 1 }, { ifMatch: before.version + 1 }),
    ).rejects.toMatchObject({ code: 'version.stale' });
    const after = await world.as('owner', 'delegation.narrow', {
      delegationId,
      entitlements: { applicationIds: [world.applications.parts] },
    });
    expect(after.entitlements.applications.map(({ id }) => id)).toEqual([world.applications.parts]);
  });
});

describe('a leaver', () => {
  it('leaves a vacant link: what was given from it stands, and a successor takes it over', async () => {
    await sql`update membership set state = 'ended', ended_at = remit_now() where id = ${world.people.acmeManager.membershipId}`.execute(
      world.db,
    );
    await expect(
      world.as('acmeManager', 'organization.read', { organizationId: world.organizations.acme.id }),
    ).rejects.toMatchObject({ code: 'not-found' });
    expect((await why('northManager', 'user.invite', 'acmeNorth')).effect).toBe('permit');
    const { items } = await world.as('acmePeer', 'delegation.vacant', {});
    expect(items.map(({ delegation }) => delegation.id)).toEqual([world.delegations.acmeManager]);
    expect(items[0]!.below).toBe(1);
    expect(items[0]!.successors.map(({ displayName }) => displayName)).toContain('acmePeer');
    const handed = await world.as('acmePeer', 'delegation.hand-over', {
      delegationId: world.delegations.acmeManager,
      membershipId: world.people.acmePeer.membershipId,
    });
    expect(handed).toEqual({ delegationId: world.delegations.acmePeer, moved: 1, created: false });
    const receipt = await world.as('owner', 'delegation.receipt', {
      delegationId: world.delegations.acmeManager,
    });
    // What was given from it hangs below the successor now: nothing of it ended.
    expect(receipt.counts.delegations).toBe(0);
    expect((await why('northManager', 'user.invite', 'acmeNorth')).effect).toBe('permit');
    await world.as('acmePeer', 'delegation.end', { delegationId: world.delegations.northManager });
    expect((await why('northManager', 'user.invite', 'acmeNorth')).effect).toBe('deny');
  });

  it('is nobody who is still here', async () => {
    await expect(
      world.as('owner', 'delegation.hand-over', {
        delegationId: world.delegations.acmeManager,
        membershipId: world.people.acmePeer.membershipId,
      }),
    ).rejects.toMatchObject({ code: 'delegation.not-vacant' });
  });
});

describe('the four questions', () => {
  it('finds who may do it, the nearest first', async () => {
    const target = await organizationTarget(world.db, world.organizations.acmeNorth.id);
    const able = await holders(world.db, 'user.invite', target!);
    expect(able.map(({ displayName }) => displayName)).toEqual([
      'northManager',
      'acmeManager',
      'acmePeer',
      'owner',
      'secondOwner',
    ]);
  });

  it('holds only under the standing delegation (design, section 2, point 3)', async () => {
    const give = async (entitlementId: string) =>
      sql`insert into assignment (id, membership_id, entitlement_id, why) values (${newId()}, ${world.people.acmeMember.membershipId}, ${entitlementId}, 'direct')`.execute(
        world.db,
      );
    await give(world.entitlements.partsBuyer);
    await give(world.entitlements.ledgerClerk);
    const { membershipId } = world.people.acmeMember;
    expect(await holds(world.db, membershipId, world.entitlements.partsBuyer)).toBe(true);
    expect(await holds(world.db, membershipId, world.entitlements.ledgerClerk)).toBe(false);
    await world.as('owner', 'delegation.narrow', {
      delegationId: world.delegations.acmeStanding,
      entitlements: { applicationIds: [world.applications.notes] },
    });
    expect(await holds(world.db, membershipId, world.entitlements.partsBuyer)).toBe(false);
  });

  it('hands control of an account only to whoever has strictly more (I12)', async () => {
    const may = async (actor: PersonName, person: PersonName) =>
      dominates(
        await loadFacts(world.db, { kind: 'membership', membershipId: world.people[actor].membershipId }),
        await loadPower(world.db, world.people[person].userId),
      );
    expect(await may('acmeManager', 'acmeMember')).toBe(true);
    expect(await may('acmeManager', 'northManager')).toBe(true);
    expect(await may('acmeManager', 'acmePeer')).toBe(false);
    expect(await may('acmeManager', 'owner')).toBe(false);
    expect(await may('northManager', 'acmeManager')).toBe(false);
    expect(await may('owner', 'acmeManager')).toBe(true);
    expect(await may('owner', 'secondOwner')).toBe(false);
    expect(await may('acmeManager', 'acme2Manager')).toBe(false);
  });
});

describe('what stands above', () => {
  it('lets nobody lower the ceiling of their own organization: it is decided from above', async () => {
    const south = { organizationId: world.organizations.acmeSouth.id };
    await world.as('acmeManager', 'delegation.create', {
      ...south,
      delegate: { membershipId: world.people.southMember.membershipId },
      adminRoleId: manager,
      mayPassOn: 2,
    });
    const ceiling = { ...south, delegate: 'organization' as const };
    await expect(world.as('southMember', 'delegation.create', ceiling)).rejects.toMatchObject({
      code: 'delegation.outside',
    });
    expect((await world.as('acmeManager', 'delegation.create', ceiling)).effective).toBe(true);
  });

  it('opens no account that has grown beyond whoever printed its code (I12)', async () => {
    const enrol = (userName: string) =>
      world.as('northManager', 'user.enrol', {
        organizationId: world.organizations.acmeNorth.id,
        userName,
        displayName: 'Puppet Player',
      });
    const organization = 'acmeNorth';
    const redeem = (userName: string, code: string) =>
      world.as('acmeMember', 'code.redeem', {
        organization,
        userName,
        code,
        password: 'one long new password',
      });
    const plain = await enrol('plain');
    expect((await redeem('plain', plain.code)).userId).toBe(plain.userId);
    const puppet = await enrol('puppet');
    await world.as('acmeManager', 'delegation.create', {
      organizationId: world.organizations.acmeNorth.id,
      delegate: { membershipId: puppet.membershipId },
      adminRoleId: manager,
    });
    await expect(redeem('puppet', puppet.code)).rejects.toMatchObject({ code: 'auth.code-outgrown' });
    const fromAbove = await world.as('acmeManager', 'credential.reset', {
      membershipId: puppet.membershipId,
    });
    expect((await redeem('puppet', fromAbove.code)).userId).toBe(puppet.userId);
  });

  it('counts as grown what a role gives since it was edited, and what another membership brings', async () => {
    const { acmeNorth, beta } = world.organizations;
    const { northMember } = world.people;
    await sql`update app_user set user_name = 'grower' where id = ${northMember.userId}`.execute(world.db);
    const print = async () =>
      (await world.as('acmeManager', 'credential.reset', { membershipId: northMember.membershipId })).code;
    const redeem = (code: string) =>
      world.as('acmeMember', 'code.redeem', {
        organization: 'acmeNorth',
        userName: 'grower',
        code,
        password: 'one long new password',
      });
    const role = await world.as('owner', 'admin-role.create', {
      organizationId: world.organizations.root.id,
      name: 'Looking',
      permissions: ['user.read', 'organization.read'],
    });
    const { id } = await world.as('owner', 'delegation.create', {
      organizationId: acmeNorth.id,
      delegate: { membershipId: northMember.membershipId },
      adminRoleId: role.id,
    });
    expect((await redeem(await print())).userId).toBe(northMember.userId);
    const kept = await print();
    await world.as('owner', 'admin-role.update', {
      adminRoleId: role.id,
      permissions: ['user.read', 'organization.read', 'organization.move'],
    });
    await expect(redeem(kept)).rejects.toMatchObject({ code: 'auth.code-outgrown' });
    await world.as('owner', 'delegation.end', { delegationId: id });
    const again = await print();
    await addMembership(world.db, northMember.userId, 'northMember', beta);
    await world.as('owner', 'assignment.grant', {
      organizationId: beta.id,
      entitlementIds: [world.entitlements.ledgerClerk],
    });
    await expect(redeem(again)).rejects.toMatchObject({ code: 'auth.code-outgrown' });
  });
});

describe('a code that was printed', () => {
  const { north, redeem } = {
    north: () => world.organizations.acmeNorth.id,
    redeem: (userName: string, code: string) =>
      world.as('acmeMember', 'code.redeem', {
        organization: 'acmeNorth',
        userName,
        code,
        password: 'one long new password',
      }),
  };
  const card = (userName: string) =>
    world.as('acmeManager', 'user.enrol', { organizationId: north(), userName, displayName: 'Card Holder' });
  const give = (by: PersonName, membershipId: string, entitlementId: string) =>
    world.as(by, 'assignment.grant', { membershipIds: [membershipId], entitlementIds: [entitlementId] });

  it('opens what whoever printed it could give, and no access beyond that', async () => {
    const [within, beyond] = [await card('within'), await card('beyond')];
    await give('acmeManager', within.membershipId, world.entitlements.partsViewer);
    expect((await redeem('within', within.code)).userId).toBe(within.userId);
    await sql`insert into assignment (id, membership_id, entitlement_id, why)
      values (${newId()}, ${beyond.membershipId}, ${world.entitlements.ledgerClerk}, 'direct')`.execute(
      world.db,
    );
    await expect(redeem('beyond', beyond.code)).rejects.toMatchObject({ code: 'auth.code-outgrown' });
    const reset = world.as('acmeManager', 'credential.reset', { membershipId: beyond.membershipId });
    await expect(reset).rejects.toMatchObject({ code: 'user.protected' });
  });

  it('is as good as it was when whoever printed it has gone, and nothing was given since', async () => {
    const { userId, code } = await card('lasting');
    await world.as('owner', 'membership.end', { membershipId: world.people.acmeManager.membershipId });
    expect((await redeem('lasting', code)).userId).toBe(userId);
  });

  it('is held to nobody’s power where nobody printed it: then nothing may have been given since', async () => {
    const { membershipId, code } = await card('orphan');
    await sql`update one_time_secret set made_by = null`.execute(world.db);
    await give('acmeManager', membershipId, world.entitlements.partsViewer);
    await expect(redeem('orphan', code)).rejects.toMatchObject({ code: 'auth.code-outgrown' });
  });

  it('does not count what the whole organization has, unless they belong to it only since', async () => {
    const { userId, membershipId, code } = await card('member');
    const ledger = { entitlementIds: [world.entitlements.ledgerClerk] };
    await sql`update delegation set entitlements = '{"all": true}' where id = ${world.delegations.acmeStanding}`.execute(
      world.db,
    );
    await world.as('owner', 'assignment.grant', { organizationId: north(), ...ledger });
    // For an account that somebody else is to get hold of it counts.
    const reset = world.as('acmeManager', 'credential.reset', { membershipId });
    await expect(reset).rejects.toMatchObject({ code: 'user.protected' });
    expect((await redeem('member', code)).userId).toBe(userId);
  });
});

it('weighs somebody’s own reports as those of the membership that holds the link', async () => {
  const { northMember } = world.people;
  await world.as('owner', 'delegation.create', {
    organizationId: world.organizations.acme.id,
    delegate: { membershipId: northMember.membershipId },
    permissions: ['user.read'],
    reports: { depth: 'all' },
  });
  await addMembership(world.db, northMember.userId, 'northMember', world.organizations.beta);
  const { chains } = await loadPower(world.db, northMember.userId);
  expect(chains.map(([link]) => link!.scope[0]!.reports)).toMatchObject([
    { of: northMember.membershipId, depth: 'all' },
  ]);
});

it('keeps taken what was taken from a leaver’s link when what hung below it moves (ruling 4)', async () => {
  await world.as('owner', 'delegation.narrow', {
    delegationId: world.delegations.acmeManager,
    permissions: ['organization.read', 'user.read', 'delegation.create'],
  });
  const may = async () =>
    (await world.as('northManager', 'delegation.mine', {})).received.flatMap(
      ({ permissions }) => permissions,
    );
  const before = await may();
  expect(before).not.toContain('user.invite');
  await sql`update membership set state = 'ended', ended_at = remit_now() where id = ${world.people.acmeManager.membershipId}`.execute(
    world.db,
  );
  await world.as('acmePeer', 'delegation.hand-over', {
    delegationId: world.delegations.acmeManager,
    membershipId: world.people.acmePeer.membershipId,
  });
  expect((await may()).sort()).toEqual(before.sort());
});
