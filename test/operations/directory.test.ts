import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Input } from '../../src/server/operations.gen.ts';
import { addMembership, addPerson, makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const absent = '00000000-0000-7000-8000-00000000dead';
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });

/** Every row of the list, page by page. */
async function everybody(person: PersonName, input: Omit<Input<'user.list'>, 'cursor'>, limit: number) {
  const all = [];
  let cursor: string | undefined;
  do {
    const page = await world.as(person, 'user.list', { ...input, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return all;
}

describe('user.list', () => {
  it.each([
    ['owner', 17],
    ['acmeManager', 9],
    ['northManager', 3],
    ['acme2Manager', 3],
  ] as const)('shows %s the %i people of their boundary, and the count agrees', async (person, count) => {
    const all = await everybody(person, {}, 200);
    expect(all).toHaveLength(count);
    expect((await world.as(person, 'user.count', {})).count).toBe(count);
  });

  it('tells somebody who looks after nobody so, instead of showing an empty list', async () => {
    for (const name of ['user.list', 'user.count', 'organization.list'] as const)
      await expect(world.as('acmeMember', name, {})).rejects.toEqual(refusal('not-permitted'));
  });

  it('counts nobody where nobody ever was', async () => {
    const empty = await world.as('owner', 'organization.create', {
      parentId: world.organizations.beta.id,
      name: 'Nobody here',
    });
    await world.as('owner', 'delegation.create', {
      organizationId: empty.id,
      delegate: { membershipId: world.people.rootMember.membershipId },
      permissions: ['user.read'],
    });
    expect(await world.as('rootMember', 'user.count', {})).toEqual({
      count: 0,
      people: { atLeast: 0, atMost: 0 },
    });
  });

  it('never takes acme-2 in with acme', async () => {
    const all = await everybody('acmeManager', {}, 200);
    expect(all.map(({ displayName }) => displayName).filter((name) => name.startsWith('acme2'))).toEqual([]);
  });

  it.each([
    'name',
    '-name',
    'organization',
    '-organization',
    'title',
    '-title',
    'firstDay',
    '-firstDay',
    'lastDay',
    '-lastDay',
  ] as const)('pages by %s without gaps or doubles', async (sort) => {
    await sql`update membership set title = left(sort_name, 1), last_day = case when sort_name < 'c' then date '2031-01-01' end,
        ends_at = case when sort_name < 'c' then timestamptz '2031-01-02' else 'infinity' end`.execute(
      world.db,
    );
    const whole = await everybody('owner', { sort }, 200);
    for (const limit of [1, 3, 7]) expect(await everybody('owner', { sort }, limit)).toEqual(whole);
    expect(new Set(whole.map(({ membershipId }) => membershipId)).size).toBe(17);
    const back = await everybody(
      'owner',
      { sort: (sort.startsWith('-') ? sort.slice(1) : `-${sort}`) as 'name' },
      4,
    );
    expect(back.reverse()).toEqual(whole);
  });

  it('refuses a cursor of another order, and a made-up one', async () => {
    const { next } = await world.as('owner', 'user.list', { limit: 2 });
    await expect(world.as('owner', 'user.list', { sort: '-name', cursor: next })).rejects.toEqual(
      refusal('input.invalid'),
    );
    await expect(world.as('owner', 'user.list', { cursor: 'e30' })).rejects.toEqual(refusal('input.invalid'));
  });

  it('narrows to one organization, with or without those below', async () => {
    const organizationId = world.organizations.acmeNorth.id;
    const names = async (below?: boolean) =>
      (await everybody('acmeManager', { organizationId, below }, 50)).map(({ displayName }) => displayName);
    expect(await names()).toEqual(['northManager', 'northMember', 'siteMember']);
    expect(await names(false)).toEqual(['northManager', 'northMember']);
  });

  it.each(['root', 'acme2', 'beta'] as const)(
    'answers an organization out of reach (%s) as an absent one',
    async (name) => {
      const organizationId = world.organizations[name].id;
      await expect(world.as('acmeManager', 'user.list', { organizationId })).rejects.toEqual(
        refusal('not-found'),
      );
      await expect(world.as('acmeManager', 'user.list', { organizationId: absent })).rejects.toEqual(
        refusal('not-found'),
      );
    },
  );

  it('finds words of a name whatever their case and accents, addresses and user names from their beginning', async () => {
    const person = await addPerson(world.db, 'odd', world.organizations.beta);
    await sql`update app_user set display_name = 'Zoë  Ångström-100%', user_name = 'z_1', email = 'Zed@Beta.example' where id = ${person.userId}`.execute(
      world.db,
    );
    await sql`update membership set sort_name = 'zoe angstrom-100%' where id = ${person.membershipId}`.execute(
      world.db,
    );
    const found = async (search: string) =>
      (await everybody('owner', { search }, 50)).map(({ userId }) => userId);
    for (const search of ['zoe', 'ÅNGSTRÖM z', '100%', 'zed@', 'ZED@beta', 'z_1'])
      expect(await found(search), search).toEqual([person.userId]);
    for (const search of ['10_%', 'zx1', '%', 'beta.example', '\\'])
      expect(await found(search), search).not.toContain(search === '%' ? 'x' : person.userId);
    expect(await found('%')).toEqual([person.userId]);
    await sql`delete from membership where id = ${person.membershipId}`.execute(world.db);
  });

  it('filters by how they stand, and every person has exactly one such state', async () => {
    const { beta } = world.organizations;
    const people = { active: '', 'no-sign-in': '', 'not-begun': '', suspended: '', left: '' };
    for (const state of Object.keys(people) as (keyof typeof people)[]) {
      const person = await addPerson(world.db, `state-${state}`, beta);
      people[state] = person.membershipId;
      if (state !== 'no-sign-in')
        await sql`insert into credential (user_id, password_hash) values (${person.userId}, 'x')`.execute(
          world.db,
        );
    }
    await sql`update membership set starts_at = remit_now() + interval '1 day' where id = ${people['not-begun']}`.execute(
      world.db,
    );
    await sql`update membership set state = 'suspended' where id = ${people.suspended}`.execute(world.db);
    await sql`update membership set ends_at = remit_now() where id = ${people.left}`.execute(world.db);
    const counted: number[] = [];
    for (const [status, membershipId] of Object.entries(people) as [keyof typeof people, string][]) {
      const rows = await everybody('owner', { status, organizationId: beta.id }, 50);
      expect(rows.map((row) => row.membershipId)).toContain(membershipId);
      expect(rows.every((row) => row.state === status)).toBe(true);
      counted.push(rows.length);
    }
    const all = (await everybody('owner', { organizationId: beta.id }, 50)).length;
    expect(all).toBe(counted.reduce((sum, count) => sum + count) - 1);
    await sql`delete from membership where id = any (${Object.values(people)}::uuid[])`.execute(world.db);
  });

  it('filters by access given to the person or to an organization above, where the reader may see access', async () => {
    const { acmeNorth } = world.organizations;
    const { partsViewer } = world.entitlements;
    await sql`insert into assignment (id, membership_id, entitlement_id, why) values (gen_random_uuid(), ${world.people.acmeMember.membershipId}, ${partsViewer}, 'direct')`.execute(
      world.db,
    );
    await sql`insert into assignment (id, organization_id, entitlement_id, why) values (gen_random_uuid(), ${acmeNorth.id}, ${partsViewer}, 'direct')`.execute(
      world.db,
    );
    const rows = await everybody('acmeManager', { entitlementId: partsViewer }, 50);
    expect(rows.map(({ displayName }) => displayName)).toEqual([
      'acmeMember',
      'northManager',
      'northMember',
      'siteMember',
    ]);
  });
});

describe('user.export', () => {
  it('defuses cells that a spreadsheet would compute', async () => {
    const person = await addPerson(world.db, '=HYPERLINK("http://x")', world.organizations.acmeSouth);
    const csv = await world.as('acmeManager', 'user.export', {
      organizationId: world.organizations.acmeSouth.id,
    });
    const lines = csv.trim().split('\n');
    expect(lines[0]).toContain('displayName,userName,email,organizationName,title,firstDay,lastDay,state');
    expect(lines).toHaveLength(3);
    expect(csv).toContain(`"'=HYPERLINK(""http://x"")"`);
    await sql`delete from membership where id = ${person.membershipId}`.execute(world.db);
    await expect(
      world.as('acmeManager', 'user.export', { organizationId: world.organizations.beta.id }),
    ).rejects.toEqual(refusal('not-found'));
  });
});

describe('organizations', () => {
  it('shows each their tops, and children with counts of what they see', async () => {
    const names = async (person: PersonName, input: Input<'organization.list'> = {}) =>
      (await world.as(person, 'organization.list', input)).items.map(({ name, childCount, parentId }) => [
        name,
        childCount,
        parentId !== null,
      ]);
    expect(await names('owner')).toEqual([['Lumen Energy', 3, false]]);
    expect(await names('acmeManager')).toEqual([['acme', 2, false]]);
    expect(await names('northManager')).toEqual([['acmeNorth', 1, false]]);
    await expect(names('acmeMember')).rejects.toEqual(refusal('not-permitted'));
    expect(await names('acmeManager', { parentId: world.organizations.acme.id })).toEqual([
      ['acmeNorth', 1, true],
      ['acmeSouth', 0, true],
    ]);
    expect(await names('acmeManager', { parentId: world.organizations.root.id })).toEqual([]);
    expect(await names('acmeManager', { search: 'NORTH' })).toEqual([
      ['acmeNorth', 1, true],
      ['acmeNorthSite', 0, true],
    ]);
    const [acme] = (await world.as('acmeManager', 'organization.list', {})).items;
    expect(acme!.peopleCount).toBe(9);
  });

  it('pages a search', async () => {
    const all = (await world.as('owner', 'organization.list', { search: 'a' })).items.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.as('owner', 'organization.list', { search: 'a', limit: 2, cursor });
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor);
    expect(paged).toEqual(all);
  });

  it('gives every child its own code, also when two are made at once, and refuses a name twice', async () => {
    const parentId = world.organizations.acmeSouth.id;
    const made = await Promise.all(
      ['one', 'two', 'three'].map((name) =>
        world.as('acmeManager', 'organization.create', { parentId, name }),
      ),
    );
    const { rows } = await sql<{
      path: string;
    }>`select path from organization where id = any (${made.map(({ id }) => id)}::uuid[])`.execute(world.db);
    expect(new Set(rows.map(({ path }) => path)).size).toBe(3);
    expect(rows.every(({ path }) => path.startsWith('r.1.2.'))).toBe(true);
    await expect(world.as('acmeManager', 'organization.create', { parentId, name: 'ONE' })).rejects.toEqual(
      refusal('organization.name-taken'),
    );
    await expect(
      world.as('acmeManager', 'organization.create', { parentId: world.organizations.root.id, name: 'x' }),
    ).rejects.toEqual(refusal('not-found'));
    const read = await world.as('acmeManager', 'organization.read', { organizationId: made[0]!.id });
    expect(read.breadcrumbs.map(({ name }) => name)).toEqual(['acme', 'acmeSouth']);
    expect(read.may).toContain('organization.create');
    expect(read.may).not.toContain('organization.move');
  });

  it('stops at 24 levels', async () => {
    let parentId = world.organizations.beta.id;
    for (let level = 3; level <= 24; level += 1)
      parentId = (await world.as('owner', 'organization.create', { parentId, name: `level ${level}` })).id;
    await expect(world.as('owner', 'organization.create', { parentId, name: 'deeper' })).rejects.toEqual(
      refusal('organization.too-deep'),
    );
  });

  it('moves first and last days with the time zone', async () => {
    const { acmeNorth } = world.organizations;
    const { membershipId } = world.people.northMember;
    await world.as('acmeManager', 'membership.update', {
      membershipId,
      firstDay: '2026-01-01',
      lastDay: '2040-06-30',
    });
    await world.as('acmeManager', 'organization.update', {
      organizationId: acmeNorth.id,
      timeZone: 'America/New_York',
    });
    const { rows } = await sql<{
      starts: Date;
      ends: Date;
    }>`select starts_at as starts, ends_at as ends from membership where id = ${membershipId}`.execute(
      world.db,
    );
    expect(rows[0]).toEqual({
      starts: new Date('2026-01-01T05:00:00Z'),
      ends: new Date('2040-07-01T04:00:00Z'),
    });
    await expect(
      world.as('acmeManager', 'organization.update', { organizationId: acmeNorth.id, timeZone: 'Mars' }),
    ).rejects.toEqual(refusal('input.invalid'));
  });

  it('lets nobody claim a mail domain for themselves, and gives it to one organization only', async () => {
    const { acme, acmeNorth, beta } = world.organizations;
    await expect(
      world.as('acmeManager', 'organization.update', { organizationId: acme.id, domains: ['acme.example'] }),
    ).rejects.toEqual(refusal('not-permitted'));
    await world.as('owner', 'organization.update', {
      organizationId: acmeNorth.id,
      domains: ['North.Example'],
    });
    await expect(
      world.as('owner', 'organization.update', { organizationId: beta.id, domains: ['north.example'] }),
    ).rejects.toEqual(refusal('organization.domain-taken'));
  });
});

describe('membership.read and membership.update', () => {
  it('names other organizations and the home only inside the boundary', async () => {
    const { userId, membershipId } = world.people.siteMember;
    await addMembership(world.db, userId, 'siteMember', world.organizations.acme2);
    const seen = await world.as('acme2Manager', 'user.list', { search: 'siteMember' });
    const elsewhere = await world.as('acme2Manager', 'membership.read', {
      membershipId: seen.items[0]!.membershipId,
    });
    expect(elsewhere.user.homeOrganizationId).toBeNull();
    expect(elsewhere.otherMemberships).toEqual([]);
    // acts on the account belong to those who look after the home
    expect(elsewhere.may).toContain('membership.end');
    expect(elsewhere.may).not.toContain('credential.recover');
    const home = await world.as('northManager', 'membership.read', { membershipId });
    expect(home.user.homeOrganizationId).toBe(world.organizations.acmeNorthSite.id);
    expect(home.may).toContain('credential.recover');
    expect((await world.as('owner', 'membership.read', { membershipId })).otherMemberships).toHaveLength(1);
    await expect(world.as('acme2Manager', 'membership.read', { membershipId })).rejects.toEqual(
      refusal('not-found'),
    );
  });

  it('types the fields that an organization above defines', async () => {
    const organizationId = world.organizations.acme.id;
    await world.as('acmeManager', 'attribute.define', {
      organizationId,
      key: 'grade',
      label: 'Grade',
      kind: 'choice',
      choices: ['A', 'B'],
    });
    await world.as('acmeManager', 'attribute.define', {
      organizationId,
      key: 'desk',
      label: 'Desk',
      kind: 'number',
    });
    const { membershipId } = world.people.southMember;
    await world.as('acmeManager', 'membership.update', {
      membershipId,
      title: 'Fitter',
      attributes: { grade: 'A', desk: 7 },
    });
    const read = await world.as('acmeManager', 'membership.read', { membershipId });
    expect(read).toMatchObject({ title: 'Fitter', attributes: { grade: 'A', desk: 7 } });
    await expect(
      world.as('acmeManager', 'membership.update', {
        membershipId,
        attributes: { grade: 'C', desk: 'x', shoe: 1 },
      }),
    ).rejects.toEqual(
      expect.objectContaining({
        message: expect.stringMatching(/Grade must be one of: A, B.*Desk must be a number.*no field shoe/),
      }),
    );
    const listed = await world.as('northManager', 'attribute.list', {
      organizationId: world.organizations.acmeNorth.id,
    });
    // as they were defined, not by the alphabet
    expect(listed.items.map(({ key, inherited }) => [key, inherited])).toEqual([
      ['grade', true],
      ['desk', true],
    ]);
    await expect(
      world.as('northManager', 'attribute.remove', { organizationId, key: 'desk' }),
    ).rejects.toEqual(refusal('not-found'));
    await world.as('acmeManager', 'attribute.remove', { organizationId, key: 'desk' });
  });

  it('takes a line manager of the same line only, and no circle', async () => {
    const { northManager, northMember, siteMember, southMember, acme2Member } = world.people;
    const update = (one: { membershipId: string }, lineManagerId: string) =>
      world.as('acmeManager', 'membership.update', { membershipId: one.membershipId, lineManagerId });
    await update(siteMember, northMember.membershipId);
    await update(northMember, northManager.membershipId);
    for (const wrong of [siteMember.membershipId, northManager.membershipId])
      await expect(update(northManager, wrong)).rejects.toEqual(refusal('membership.line-manager'));
    for (const wrong of [southMember.membershipId, acme2Member.membershipId, absent])
      await expect(update(northMember, wrong)).rejects.toEqual(refusal('membership.line-manager'));
    const read = await world.as('acmeManager', 'membership.read', { membershipId: siteMember.membershipId });
    expect(read.lineManager).toEqual({ membershipId: northMember.membershipId, displayName: 'northMember' });
  });

  it('refuses to lengthen what the actor could not give, and a stale version', async () => {
    const person = await addPerson(world.db, 'dated', world.organizations.acme);
    const { membershipId } = person;
    await world.as('owner', 'membership.update', { membershipId, lastDay: '2030-01-31' });
    await sql`insert into assignment (id, membership_id, entitlement_id, why) values (gen_random_uuid(), ${membershipId}, ${world.entitlements.ledgerClerk}, 'direct')`.execute(
      world.db,
    );
    await expect(
      world.as('acmeManager', 'membership.update', { membershipId, lastDay: '2031-01-31' }),
    ).rejects.toEqual(refusal('membership.too-long'));
    await world.as('acmeManager', 'membership.update', { membershipId, lastDay: '2029-01-31' });
    await world.as('owner', 'membership.update', { membershipId, lastDay: null });
    await expect(
      world.as('owner', 'membership.update', { membershipId, title: 'x' }, { ifMatch: 1 }),
    ).rejects.toEqual(refusal('version.stale'));
    await expect(
      world.as('owner', 'membership.update', { membershipId, firstDay: '2030-02-02', lastDay: '2030-02-01' }),
    ).rejects.toEqual(refusal('input.invalid'));
    await expect(
      world.as('acmeManager', 'membership.update', {
        membershipId: world.people.acmeManager.membershipId,
        title: 'Boss',
      }),
    ).rejects.toEqual(refusal('user.self'));
  });
});
