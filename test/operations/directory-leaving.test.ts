import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../src/authority/decide.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { addMembership as addDirectoryMembership } from '../../src/directory/store.ts';
import { endLapsedMemberships } from '../../src/directory/sweep.ts';
import { organizationTarget } from '../../src/operation/targets.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { wake, wakeLost } from '../../src/requests/wake.ts';
import { addMembership, makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  // Everybody can sign in, so that a last manager is one.
  await sql`insert into credential (user_id, password_hash) select id, 'x' from app_user`.execute(world.db);
});
afterEach(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const id = (person: PersonName) => world.people[person].membershipId;

async function give(membershipId: string): Promise<string> {
  const assignmentId = newId();
  await sql`insert into assignment (id, membership_id, entitlement_id, why, given_under)
    values (${assignmentId}, ${membershipId}, ${world.entitlements.partsViewer}, 'direct', ${world.delegations.acmeManager})`.execute(
    world.db,
  );
  return assignmentId;
}

const eventsOf = async (type: string) =>
  (
    await sql<{ target_id: string }>`select target_id from event where type = ${type}`.execute(world.db)
  ).rows.map((row) => row.target_id);

describe('membership.end', () => {
  it('ends what the person holds, for good, one event each; what they gave stands', async () => {
    const given = await give(id('acmePeer'));
    const below = await give(id('acmeMember'));
    const preview = await world.as('acmeManager', 'membership.end-preview', { membershipId: id('acmePeer') });
    expect(preview.ends).toMatchObject({
      accessCount: 1,
      access: [{ assignmentId: given, name: 'viewer', applicationName: 'parts' }],
    });
    expect(preview.vacant).toMatchObject({
      delegations: [{ delegationId: world.delegations.acmePeer }],
      elsewhere: false,
    });
    expect(preview.successors.map(({ displayName }) => displayName)).toEqual(['acmeManager']);
    expect(preview.lastManagerOf).toBeNull();

    const ended = await world.as('acmeManager', 'membership.end', { membershipId: id('acmePeer') });
    expect(ended.state).toBe('ended');
    expect(await eventsOf('membership.ended')).toEqual([id('acmePeer')]);
    expect(await eventsOf('assignment.ended')).toEqual([given]);
    await expect(world.as('acmePeer', 'user.list', {})).rejects.toEqual(refusal('not-permitted'));
    await expect(
      world.as('acmePeer', 'organization.read', { organizationId: world.organizations.acme.id }),
    ).rejects.toEqual(refusal('not-found'));
    for (const name of [
      'membership.end',
      'membership.suspend',
      'membership.resume',
      'membership.update',
    ] as const)
      await expect(world.as('acmeManager', name, { membershipId: id('acmePeer') })).rejects.toEqual(
        refusal('membership.ended'),
      );
    const left = await world.as('acmeManager', 'user.list', { status: 'left' });
    expect(left.items.map(({ displayName }) => displayName)).toEqual(['acmePeer']);
    const { rows } = await sql<{ id: string }>`select id from assignment where state = 'active'`.execute(
      world.db,
    );
    expect(rows).toEqual([{ id: below }]);
  });

  it('leaves the links made by a leaver in force: nobody below loses anything', async () => {
    const target = (await organizationTarget(world.db, world.organizations.acmeNorth.id))!;
    const may = async () =>
      decide(
        await loadFacts(world.db, { kind: 'membership', membershipId: id('northManager') }),
        'user.invite',
        target,
      ).effect;
    expect(await may()).toBe('permit');
    const preview = await world.as('acmePeer', 'membership.end-preview', { membershipId: id('acmeManager') });
    expect(preview.stands.delegationCount).toBe(1);
    await world.as('acmePeer', 'membership.end', { membershipId: id('acmeManager') });
    expect(await may()).toBe('permit');
  });

  it('on a date works to the end of that day in the organization’s zone, without a sweeper', async () => {
    const { rows } = await sql<{
      today: string;
    }>`select (remit_now() at time zone 'Europe/Amsterdam')::date as today`.execute(world.db);
    const lastDay = rows[0]!.today;
    await world.as('acmeManager', 'membership.end', { membershipId: id('northManager'), lastDay });
    const seen = async () => (await world.as('northManager', 'user.list', {})).items.length;
    expect(await seen()).toBe(3);
    const { rows: ends } = await sql<{ seconds: number }>`
      select extract(epoch from ends_at - remit_now())::int as seconds from membership where id = ${id('northManager')}`.execute(
      world.db,
    );
    await passTime(world.db, ends[0]!.seconds - 60);
    expect(await seen()).toBe(3);
    await passTime(world.db, 61);
    await expect(seen()).rejects.toEqual(refusal('not-permitted'));
    await expect(
      world.as('acmeManager', 'membership.update', { membershipId: id('northManager'), lastDay: null }),
    ).rejects.toEqual(refusal('membership.ended'));
  });

  it('never leaves an instance without an owner, also when two remove each other at once', async () => {
    const results = await Promise.allSettled([
      world.as('owner', 'membership.end', { membershipId: id('secondOwner') }),
      world.as('secondOwner', 'membership.end', { membershipId: id('owner') }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const { rows } = await sql<{
      count: number;
    }>`select count(*) as count from membership where id in (${id('owner')}, ${id('secondOwner')}) and state = 'active'`.execute(
      world.db,
    );
    expect(rows[0]!.count).toBe(1);
  });

  it('refuses the last manager who can sign in, an owner’s last day, and oneself', async () => {
    await expect(world.as('owner', 'membership.end', { membershipId: id('owner') })).rejects.toEqual(
      refusal('user.self'),
    );
    await expect(
      world.as('owner', 'membership.end', { membershipId: id('secondOwner'), lastDay: '2040-01-01' }),
    ).rejects.toEqual(refusal('membership.owner'));
    await expect(
      world.as('owner', 'membership.update', { membershipId: id('secondOwner'), lastDay: '2040-01-01' }),
    ).rejects.toEqual(refusal('membership.owner'));
    await sql`delete from credential where user_id = ${world.people.owner.userId}`.execute(world.db);
    const preview = await world.as('owner', 'membership.end-preview', { membershipId: id('secondOwner') });
    expect(preview.lastManagerOf).toBe('Lumen Energy');
    for (const name of ['membership.end', 'membership.suspend'] as const)
      await expect(world.as('owner', name, { membershipId: id('secondOwner') })).rejects.toEqual(
        refusal('delegation.last-manager'),
      );
  });

  it('takes another of the person’s organizations as home', async () => {
    const { userId, membershipId } = world.people.acmeMember;
    await addMembership(world.db, userId, 'acmeMember', world.organizations.beta);
    await world.as('acmeManager', 'membership.end', { membershipId });
    const { rows } = await sql<{
      home: string;
    }>`select home_organization_id as home from app_user where id = ${userId}`.execute(world.db);
    expect(rows[0]!.home).toBe(world.organizations.beta.id);
    expect(await eventsOf('user.home-changed')).toEqual([userId]);
  });

  it('reaches nobody outside the boundary', async () => {
    for (const membershipId of [id('acme2Member'), id('betaMember'), id('owner'), newId()])
      for (const name of ['membership.end', 'membership.end-preview', 'membership.suspend'] as const)
        await expect(world.as('acmeManager', name, { membershipId })).rejects.toEqual(refusal('not-found'));
  });
});

describe('the sweeper', () => {
  it('records what the last day ended already, so that a rehire is a new membership', async () => {
    const { userId, membershipId } = world.people.northMember;
    const { acmeNorth } = world.organizations;
    const given = await give(membershipId);
    const rehire = () =>
      addDirectoryMembership(world.db, { userId, displayName: 'northMember', organizationId: acmeNorth.id });
    await sql`update membership set last_day = '2020-01-31', ends_at = '2020-02-01' where id = ${membershipId}`.execute(
      world.db,
    );
    await expect(rehire()).rejects.toEqual(refusal('membership.exists'));
    expect(await endLapsedMemberships(world.services)).toBe(1);
    expect(await endLapsedMemberships(world.services)).toBe(0);
    expect(await eventsOf('membership.ended')).toEqual([membershipId]);
    expect(await eventsOf('assignment.ended')).toEqual([given]);
    const { rows } = await sql<{ actor: string; ends: Date }>`
      select e.actor_kind as actor, m.ends_at as ends from event e join membership m on m.id = e.target_id
      where e.type = 'membership.ended'`.execute(world.db);
    expect(rows).toEqual([{ actor: 'system', ends: new Date('2020-02-01T00:00:00Z') }]);
    const again = await rehire();
    expect(again.id).not.toBe(membershipId);
    const { rows: held } = await sql`select 1 from assignment where membership_id = ${again.id}`.execute(
      world.db,
    );
    expect(held).toEqual([]);
  });
});

describe('membership.suspend', () => {
  it('takes effect at the next request, ends nothing, and resumes', async () => {
    await give(id('northManager'));
    await world.as('acmeManager', 'membership.suspend', { membershipId: id('northManager') });
    await expect(world.as('northManager', 'user.list', {})).rejects.toEqual(refusal('not-permitted'));
    expect((await world.as('acmeManager', 'user.list', { status: 'suspended' })).items).toHaveLength(1);
    await world.as('acmeManager', 'membership.resume', { membershipId: id('northManager') });
    expect((await world.as('northManager', 'user.list', {})).items).toHaveLength(3);
    expect(await eventsOf('assignment.ended')).toEqual([]);
  });
});

describe('organization.suspend and organization.close', () => {
  it('suspends all below, ends nothing, and is seen and resumed from above', async () => {
    const organizationId = world.organizations.acmeNorth.id;
    await world.as('acmeManager', 'organization.suspend', { organizationId });
    await expect(world.as('northManager', 'user.list', {})).rejects.toEqual(refusal('not-permitted'));
    const read = await world.as('acmeManager', 'organization.read', {
      organizationId: world.organizations.acmeNorthSite.id,
    });
    expect(read).toMatchObject({ off: true, state: 'active' });
    await expect(
      world.as('acmeManager', 'organization.create', { parentId: organizationId, name: 'x' }),
    ).rejects.toEqual(refusal('not-permitted'));
    await world.as('acmeManager', 'organization.resume', { organizationId });
    expect((await world.as('northManager', 'user.list', {})).items).toHaveLength(3);
  });

  it('refuses the topmost organization and one’s own', async () => {
    const { root, acme } = world.organizations;
    for (const name of ['organization.suspend', 'organization.close'] as const)
      await expect(world.as('owner', name, { organizationId: root.id })).rejects.toEqual(
        refusal('organization.root'),
      );
    await expect(
      world.as('acmeManager', 'organization.suspend', { organizationId: acme.id }),
    ).rejects.toEqual(refusal('user.self'));
  });

  it('closing ends everything in it and below, one event each; reopening returns the organizations alone', async () => {
    const { acme, acmeNorth } = world.organizations;
    await give(id('northMember'));
    await sql`insert into assignment (id, organization_id, entitlement_id, why) values (gen_random_uuid(), ${acmeNorth.id}, ${world.entitlements.notesReader}, 'direct')`.execute(
      world.db,
    );
    await sql`insert into client (id, organization_id, name) values (gen_random_uuid(), ${acmeNorth.id}, 'key')`.execute(
      world.db,
    );
    await sql`insert into invitation (id, organization_id, path, email, email_normal, expires_at) values (gen_random_uuid(), ${acmeNorth.id}, ${acmeNorth.path}, 'a@b.example', 'a@b.example', remit_now() + interval '1 day')`.execute(
      world.db,
    );
    await sql`insert into request (id, requester_id, membership_id, organization_id, path, entitlement_id, entitlement_ids) values (gen_random_uuid(), ${world.people.siteMember.userId}, ${id('siteMember')}, ${world.organizations.acmeNorthSite.id}, 'r.1.1.1', ${world.entitlements.notesReader}, '{}')`.execute(
      world.db,
    );
    await world.as('owner', 'organization.close', { organizationId: acme.id });
    const { rows } = await sql<{ what: string; count: number }>`
      select 'membership' as what, count(*) from membership where path >= 'r.1' and path < 'r.1/' and state <> 'ended'
      union all select 'assignment', count(*) from assignment where state = 'active'
      union all select 'client', count(*) from client where state = 'active'
      union all select 'invitation', count(*) from invitation where state = 'open'
      union all select 'request', count(*) from request where state = 'open'
      union all select 'delegation', count(*) from delegation where place_paths && array['r.1', 'r.1.1'] and state <> 'ended'`.execute(
      world.db,
    );
    expect(rows.filter(({ count }) => count > 0)).toEqual([]);
    expect((await eventsOf('membership.ended')).length).toBe(9);
    for (const type of [
      'assignment.ended',
      'client.ended',
      'invitation.revoked',
      'request.ended',
      'organization.closed',
    ])
      expect((await eventsOf(type)).length, type).toBeGreaterThan(0);
    const { rows: doubles } =
      await sql`select type, target_id from event group by 1, 2 having count(*) > 1`.execute(world.db);
    expect(doubles).toEqual([]);

    await world.as('owner', 'organization.resume', { organizationId: acme.id });
    expect((await world.as('owner', 'user.list', { organizationId: acme.id })).items).toEqual([]);
    expect((await world.as('owner', 'organization.list', { parentId: acme.id })).items).toHaveLength(2);
    // acme-2 never noticed
    expect((await world.as('acme2Manager', 'user.list', {})).items).toHaveLength(3);
  });
});

it('requests of whoever left have no timers, and the jobs that were to wake them do nothing', async () => {
  const ask = async (who: PersonName) =>
    (await world.as(who, 'request.create', { entitlementId: world.entitlements.partsBuyer, reason: '' }))
      .requestId;
  const left = await ask('northMember');
  const stays = await ask('southMember');
  await world.as('acmeManager', 'request.question', { requestId: left, words: 'What for?' });
  await world.as('acmeManager', 'membership.end', { membershipId: id('northMember') });
  const stand = async () =>
    (
      await sql<{ id: string; row: object }>`
        select id, to_jsonb(q) as row from request q where id in (${left}, ${stays}) order by id = ${stays}`.execute(
        world.db,
      )
    ).rows.map(({ row }) => row);
  const before = await stand();
  expect(before).toMatchObject([
    { state: 'ended', next_at: null, paused_at: null, asks: [], asks_members: [], asks_organizations: [] },
    { state: 'open', next_at: expect.any(String) },
  ]);
  // its job is there still, and wakes it; so does whoever looks for lost ones
  const events = await eventsOf('request.ended');
  await passTime(world.db, 60 * 86_400);
  expect(await wake(world.services, left)).toEqual([]);
  expect(await wakeLost(world.services, () => {})).toBe(1);
  expect((await stand())[0]).toEqual(before[0]);
  expect(await eventsOf('request.ended')).toEqual(events);
  expect(await eventsOf('request.lapsed')).toEqual([stays]);
});
