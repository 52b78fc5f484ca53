import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { passTime } from '../../src/platform/clock.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Every form of delegate and boundary, made through the operation and seen in what its holder then lists. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const helpDesk = adminRoleId('help-desk');
const at = (name: keyof World['organizations']) => world.organizations[name].id;
const member = (name: PersonName) => world.people[name].membershipId;
const sees = async (person: PersonName): Promise<string[]> =>
  (await world.as(person, 'user.list', { limit: 100 })).items.map(({ displayName }) => displayName).sort();
const names = (...people: PersonName[]) => people.map((name) => world.people[name].name).sort();
const end = (delegationId: string, by: PersonName = 'owner') =>
  world.as(by, 'delegation.end', { delegationId });
const refused = (code: string) => expect.objectContaining({ code });
const reportsTo = (person: PersonName, head: PersonName | null) =>
  sql`update membership set line_manager_id = ${head && member(head)} where id = ${member(person)}`.execute(
    world.db,
  );

describe('where', () => {
  it('is several organizations, with or without those below, and some taken out', async () => {
    const made = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      places: [{ organizationId: at('beta'), below: false }],
      holes: [{ organizationId: at('acmeNorth'), below: true }],
      delegate: { membershipId: member('rootMember') },
      adminRoleId: helpDesk,
    });
    expect(made.sentence).toMatch(
      /acme and everything below it, beta, but not acmeNorth and everything below it\.$/,
    );
    const seen = await sees('rootMember');
    expect(seen).toEqual(expect.arrayContaining(names('acmeMember', 'southMember', 'betaMember')));
    for (const outside of names('northMember', 'siteMember', 'acme2Member'))
      expect(seen).not.toContain(outside);
    await end(made.id);
  });

  it('loses a part later, and everything below it with it', async () => {
    const made = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { membershipId: member('rootMember') },
      adminRoleId: helpDesk,
    });
    expect(await sees('rootMember')).toEqual(expect.arrayContaining(names('northMember', 'siteMember')));
    await world.as('owner', 'delegation.narrow', {
      delegationId: made.id,
      holes: [{ organizationId: at('acmeNorth'), below: true }],
    });
    const seen = await sees('rootMember');
    expect(seen).toEqual(expect.arrayContaining(names('acmeMember', 'southMember')));
    for (const outside of names('northMember', 'siteMember')) expect(seen).not.toContain(outside);
    await end(made.id);
  });

  it('is only named people', async () => {
    const made = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      membershipIds: [member('northMember'), member('acmeMember')],
      delegate: { membershipId: member('rootMember') },
      adminRoleId: helpDesk,
    });
    expect(await sees('rootMember')).toEqual(names('northMember', 'acmeMember'));
    await end(made.id);
  });

  it('is the reports of the delegate, direct or all, the same second', async () => {
    await reportsTo('acmeMember', 'rootMember');
    await reportsTo('northMember', 'acmeMember');
    await reportsTo('betaMember', 'rootMember');
    const give = (depth: 'direct' | 'all') =>
      world.as('owner', 'delegation.create', {
        organizationId: at('acme'),
        reports: { depth },
        delegate: { membershipId: member('rootMember') },
        adminRoleId: helpDesk,
      });
    const direct = await give('direct');
    expect(direct.sentence).toContain('the people who report directly to them');
    expect(await sees('rootMember')).toEqual(names('acmeMember'));
    await end(direct.id);
    const all = await give('all');
    expect(await sees('rootMember')).toEqual(names('acmeMember', 'northMember'));
    await reportsTo('northMember', null);
    expect(await sees('rootMember')).toEqual(names('acmeMember'));
    await end(all.id);
  });

  it('is refused outside the giver, in every part', async () => {
    const base = { delegate: { membershipId: member('northMember') }, adminRoleId: helpDesk } as const;
    const give = (more: object) =>
      world.as('acmeManager', 'delegation.create', { organizationId: at('acmeNorth'), ...base, ...more });
    await expect(give({ places: [{ organizationId: at('beta'), below: true }] })).rejects.toEqual(
      refused('not-found'),
    );
    await expect(give({ membershipIds: [member('betaMember')] })).rejects.toEqual(refused('not-found'));
    await expect(give({ reports: { of: member('betaMember'), depth: 'all' } })).rejects.toEqual(
      refused('not-found'),
    );
    await expect(give({ whereRelation: true })).rejects.toEqual(refused('input.invalid'));
    await expect(give({ seats: 3 })).rejects.toEqual(refused('input.invalid'));
  });
});

describe('who', () => {
  it('is everybody who belongs there, where they belong', async () => {
    const made = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { relation: 'members', organizationId: at('acme') },
      whereRelation: true,
      adminRoleId: helpDesk,
    });
    expect(made.delegate).toMatchObject({ kind: 'relation', name: expect.stringContaining('acme') });
    expect(await sees('southMember')).toEqual(names('southMember'));
    expect(await sees('siteMember')).toEqual(names('siteMember'));
    await expect(world.as('acme2Member', 'user.list', {})).rejects.toEqual(refused('not-permitted'));
    await end(made.id);
    await expect(world.as('southMember', 'user.list', {})).rejects.toEqual(refused('not-permitted'));
  });

  it('is the line managers there, for their own reports', async () => {
    const made = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { relation: 'line-managers', organizationId: at('acme') },
      reports: { depth: 'all' },
      adminRoleId: helpDesk,
    });
    await reportsTo('northMember', 'acmeMember');
    await reportsTo('siteMember', 'northMember');
    expect(await sees('acmeMember')).toEqual(names('northMember', 'siteMember'));
    expect(await sees('northMember')).toEqual(names('siteMember'));
    await reportsTo('siteMember', null);
    await expect(world.as('northMember', 'user.list', {})).rejects.toEqual(refused('not-permitted'));
    await end(made.id);
    await reportsTo('northMember', null);
  });

  it('tells nobody of places that a relation had before it ended', async () => {
    const made = await world.as('owner', 'delegation.create', {
      organizationId: at('beta'),
      delegate: { relation: 'members', organizationId: at('acmeNorth') },
      permissions: ['audit.read'],
    });
    const why = () =>
      world.as('siteMember', 'decision.explain', { permission: 'user.read', organizationId: at('beta') });
    expect((await why()).effect).toBe('deny');
    await end(made.id);
    await expect(why()).rejects.toEqual(refused('not-found'));
  });

  it('is the managers there, who may pass it on while they are managers', async () => {
    const made = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { relation: 'managers', organizationId: at('acme') },
      permissions: ['audit.read', 'delegation.create', 'organization.read', 'user.read', 'organization.move'],
      mayPassOn: 1,
    });
    const mine = (await world.as('northManager', 'delegation.mine', {})).received.find(
      ({ id }) => id === made.id,
    );
    expect(mine?.sentence).toMatch(/^You may/);
    await expect(world.as('acme2Manager', 'delegation.read', { delegationId: made.id })).rejects.toEqual(
      refused('not-found'),
    );
    const onward = await world.as('northManager', 'delegation.create', {
      organizationId: at('acmeNorth'),
      delegate: { membershipId: member('siteMember') },
      permissions: ['organization.move'],
    });
    const why = () =>
      world.as('siteMember', 'decision.explain', {
        permission: 'organization.move',
        organizationId: at('acmeNorth'),
      });
    expect((await why()).effect).toBe('permit');
    await end(world.delegations.northManager);
    expect(await why()).toMatchObject({
      effect: 'deny',
      sentence: expect.stringContaining('not in that position any more'),
    });
    await end(made.id);
    expect(onward.delegate.membershipId).toBe(member('siteMember'));
  });

  it('is another organization, a further parent, that is no ceiling and ends by its day', async () => {
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const further = await world.as('owner', 'delegation.create', {
      organizationId: at('beta'),
      delegate: { organizationId: at('acme2') },
      adminRoleId: adminRoleId('delegated-manager'),
      until,
    });
    const appointed = await world.as('owner', 'delegation.create', {
      organizationId: at('beta'),
      delegate: { membershipId: member('acme2Member') },
      adminRoleId: helpDesk,
    });
    expect(await sees('acme2Member')).toEqual(names('betaMember'));
    await expect(
      world.as('owner', 'delegation.create', {
        organizationId: at('acme'),
        delegate: { organizationId: at('acmeNorth') },
        adminRoleId: helpDesk,
      }),
    ).rejects.toEqual(refused('delegation.further-parent'));
    await passTime(world.db, 90_000);
    const [link] = (
      await sql<{
        parent: string;
      }>`select parent_id as parent from delegation where id = ${appointed.id}`.execute(world.db)
    ).rows;
    expect(link!.parent).toBe(further.id);
    await expect(world.as('acme2Member', 'user.list', {})).rejects.toEqual(refused('not-permitted'));
  });
});
