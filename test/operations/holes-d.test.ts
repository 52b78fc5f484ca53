import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { addMembership, makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Ways further than the limit, or to what lies outside it, found by looking for them; beside each stands what stays open. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const at = (name: keyof World['organizations']) => world.organizations[name].id;
const member = (name: PersonName) => world.people[name].membershipId;
const refused = (code: string) => expect.objectContaining({ code });

describe('what a leaver gave', () => {
  const given = async () => {
    const { id } = await world.as('acmeManager', 'delegation.create', {
      organizationId: at('acmeNorth'),
      delegate: { membershipId: member('northMember') },
      adminRoleId: adminRoleId('delegated-manager'),
      mayPassOn: 1,
    });
    const child = await world.as('northMember', 'delegation.create', {
      organizationId: at('acmeNorthSite'),
      delegate: { membershipId: member('siteMember') },
      adminRoleId: adminRoleId('help-desk'),
    });
    await world.as('acmeManager', 'membership.end', { membershipId: member('northMember') } as never);
    return { vacant: id, child: child.id };
  };
  const handOver = (by: PersonName, delegationId: string, to: PersonName) =>
    world.as(by, 'delegation.hand-over', { delegationId, membershipId: member(to) });

  it('is not taken from under whoever stands above it by somebody beside them (I14)', async () => {
    const { vacant, child } = await given();
    await expect(handOver('acmePeer', vacant, 'acmePeer')).rejects.toBeTruthy();
    await expect(handOver('acmePeer', vacant, 'acmeMember')).rejects.toEqual(refused('delegation.not-above'));
    const ended = await world.as('acmeManager', 'delegation.end', { delegationId: child });
    expect(ended.state).toBe('ended');
  });

  it('is counted as far as the reader sees it (ruling 9)', async () => {
    const { id } = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      places: [{ organizationId: at('beta') }],
      delegate: { membershipId: member('northMember') },
      adminRoleId: adminRoleId('delegated-manager'),
      mayPassOn: 1,
    } as never);
    await world.as('northMember', 'delegation.create', {
      organizationId: at('beta'),
      delegate: { membershipId: member('betaMember') },
      adminRoleId: adminRoleId('help-desk'),
    });
    await world.as('owner', 'membership.end', { membershipId: member('northMember') } as never);
    const below = async (by: PersonName) => {
      const { items } = await world.as(by, 'delegation.vacant', {});
      return items.find(({ delegation }) => delegation.id === id)?.below;
    };
    expect(await below('acmePeer')).toBe(0);
    expect(await below('owner')).toBe(1);
  });

  it('is handed to somebody else by whoever stands above both', async () => {
    const { vacant } = await given();
    await expect(handOver('owner', vacant, 'acmePeer')).resolves.toMatchObject({ moved: 1, created: false });
  });
});

describe('an admin role of an organization', () => {
  it('is not given beyond it by naming a further place: its editors would decide there (ruling 7)', async () => {
    const { id } = await world.as('owner', 'admin-role.create', {
      organizationId: at('acme'),
      name: 'Looking',
      permissions: ['user.read', 'organization.read'],
    });
    const give = (...further: (keyof World['organizations'])[]) =>
      world.as('owner', 'delegation.create', {
        organizationId: at('acmeNorth'),
        places: further.map((name) => ({ organizationId: at(name) })),
        delegate: { membershipId: member('rootMember') },
        adminRoleId: id,
      });
    await expect(give('beta')).rejects.toEqual(refused('not-found'));
    await expect(give('acmeSouth')).resolves.toMatchObject({ adminRole: { id } });
  });
});

describe('an admin role and an organization that is moved from under it', () => {
  it('part: what was given keeps what the role let do, and its editors decide there no more (ruling 7)', async () => {
    const { id } = await world.as('owner', 'admin-role.create', {
      organizationId: at('acme'),
      name: 'Looking',
      permissions: ['user.read', 'organization.read', 'access.read'],
    });
    const give = (organization: 'acmeNorthSite' | 'acmeSouth', name: PersonName) =>
      world.as('acmeManager', 'delegation.create', {
        organizationId: at(organization),
        delegate: { membershipId: member(name) },
        adminRoleId: id,
      });
    const [gone, stayed] = [
      await give('acmeNorthSite', 'siteMember'),
      await give('acmeSouth', 'southMember'),
    ];
    await world.as('owner', 'organization.move', { organizationId: at('acmeNorth'), parentId: at('beta') });
    await world.as('acmeManager', 'admin-role.update', { adminRoleId: id, permissions: ['user.read'] });
    const read = (delegationId: string) => world.as('owner', 'delegation.read', { delegationId });
    expect(await read(gone.id)).toMatchObject({
      adminRole: null,
      permissions: ['access.read', 'organization.read', 'user.read'],
      effective: true,
    });
    expect(await read(stayed.id)).toMatchObject({ adminRole: { id }, permissions: ['user.read'] });
  });

  it('do not say where it stands to whoever only has it from above (ruling 9)', async () => {
    const { id } = await world.as('owner', 'admin-role.create', {
      organizationId: at('root'),
      name: 'Looking',
      permissions: ['user.read'],
    });
    await world.as('owner', 'delegation.create', {
      organizationId: at('acmeNorthSite'),
      delegate: { membershipId: member('siteMember') },
      adminRoleId: id,
    });
    const known = async (by: PersonName) =>
      (await world.as(by, 'admin-role.list', { limit: 50 } as never)).items.find((role) => role.id === id);
    const hidden = { organizationId: null, organizationName: 'a level above' };
    expect(await known('northManager')).toMatchObject(hidden);
    expect(await known('owner')).toMatchObject({ organizationId: at('root') });
  });

  it('does not let its editors take from whoever has it where they may not look after it', async () => {
    const { id } = await world.as('owner', 'admin-role.create', {
      organizationId: at('acme'),
      name: 'Looking',
      permissions: ['user.read', 'organization.read'],
    });
    const edit = (by: PersonName, permissions: string[]) =>
      world.as(by, 'admin-role.update', { adminRoleId: id, permissions } as never);
    await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      holes: [{ organizationId: at('acmeNorthSite') }],
      delegate: { membershipId: member('acmeMember') },
      permissions: ['organization.read', 'admin-role.configure'],
    } as never);
    await world.as('acmeManager', 'delegation.create', {
      organizationId: at('acmeNorthSite'),
      delegate: { membershipId: member('siteMember') },
      adminRoleId: id,
    });
    await expect(edit('acmeMember', ['user.read'])).rejects.toEqual(refused('admin-role.from-above'));
    await expect(edit('acmeManager', ['user.read'])).resolves.toMatchObject({ permissions: ['user.read'] });
  });
});

describe('what a delegation names', () => {
  const give = (permissions: string[], applicationIds: string[]) =>
    world.as('acmeManager', 'delegation.create', {
      organizationId: at('acmeNorth'),
      delegate: { membershipId: member('northMember') },
      permissions: permissions as never,
      entitlements: { applicationIds, entitlementIds: [] },
    });

  it('is bounded: everybody below loads it with each check (I59)', async () => {
    const { parts } = world.applications;
    await expect(give(Array(5000).fill('user.read'), [])).rejects.toEqual(refused('input.invalid'));
    await expect(give(['user.read'], Array(5000).fill(parts))).rejects.toEqual(refused('input.invalid'));
    const made = await give(['user.read'], [parts, parts]);
    expect(made.entitlements.applications).toHaveLength(1);
    const narrowed = await world.as('acmeManager', 'delegation.narrow', {
      delegationId: made.id,
      permissions: ['user.read', 'user.read'],
    });
    expect(narrowed.permissions).toEqual(['user.read']);
  });

  it('is not taken out of it twice', async () => {
    const made = await give(['user.read'], []);
    const holes = [{ organizationId: at('acmeNorthSite') }];
    const narrow = () =>
      world.as('acmeManager', 'delegation.narrow', { delegationId: made.id, holes } as never);
    const [once, twice] = [await narrow(), await narrow()];
    expect(twice).toEqual(once);
  });
});

describe('a boundary that lies partly in reach', () => {
  const give = () =>
    world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      places: [{ organizationId: at('beta') }],
      membershipIds: [member('northMember'), member('betaMember')],
      delegate: { membershipId: member('northManager') },
      permissions: ['user.read', 'membership.update'],
    } as never);
  const { stringify } = JSON;

  it('shows no ids of what lies outside in the trail (I06)', async () => {
    const { id } = await give();
    const read = async (by: PersonName) =>
      stringify(await world.as(by, 'event.list', { targetId: id } as never));
    const mine = await read('acmeManager');
    expect(mine).toContain(at('acme'));
    expect(mine).toContain(world.people.northMember.userId);
    expect(mine).not.toContain(at('beta'));
    expect(mine).not.toContain(world.people.betaMember.userId);
    expect(await read('owner')).toContain(at('beta'));
  });

  it('names nobody from outside in a preview (ruling 9)', async () => {
    await give();
    const preview = async (by: PersonName) =>
      world.as(by, 'change.preview', {
        operation: 'membership.suspend',
        input: { membershipId: member('northManager') },
      } as never);
    const seen = await preview('acmeManager');
    expect(stringify(seen)).toContain('northMember');
    expect(stringify(seen)).not.toContain('betaMember');
    expect(seen).toMatchObject({ outside: true });
    expect(stringify(await preview('owner'))).toContain('betaMember');
  });
});

describe('what was passed on from a delegation', () => {
  it('is told after its end by the names that the reader sees, and no others (ruling 9)', async () => {
    const { id } = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      places: [{ organizationId: at('beta') }, { organizationId: at('acme2') }],
      delegate: { membershipId: member('rootMember') },
      adminRoleId: adminRoleId('power-user'),
      mayPassOn: 1,
    } as never);
    const permissions = ['user.read', 'organization.read'];
    for (const given of [
      { organizationId: at('beta'), places: [{ organizationId: at('acmeNorth') }] },
      { organizationId: at('acmeNorth'), delegate: { organizationId: at('beta') } },
      { organizationId: at('acmeNorth'), delegate: { relation: 'members', organizationId: at('acme2') } },
    ])
      await world.as('rootMember', 'delegation.create', {
        delegate: { membershipId: member('acme2Member') },
        permissions,
        ...given,
      } as never);
    await world.as('owner', 'delegation.end', { delegationId: id });
    const receipt = async (by: PersonName) =>
      JSON.stringify((await world.as(by, 'delegation.receipt', { delegationId: id })).delegations);
    const seen = await receipt('acmePeer');
    expect(seen).toContain('acmeNorth');
    expect(seen).not.toMatch(/beta|acme2/);
    expect(await receipt('owner')).toMatch(/beta.*Everybody in acme2/);
  });

  it('is no longer told to whoever has left (I15)', async () => {
    const { id } = await world.as('acmeManager', 'delegation.create', {
      organizationId: at('acmeNorth'),
      delegate: { membershipId: member('northMember') },
      adminRoleId: adminRoleId('delegated-manager'),
      mayPassOn: 1,
    });
    const passOn = (organization: 'acmeNorth' | 'acmeNorthSite') =>
      world.as('northMember', 'delegation.create', {
        organizationId: at(organization),
        delegate: { membershipId: member('siteMember') },
        adminRoleId: adminRoleId('help-desk'),
      });
    const told = async (membershipId: string) => {
      const by = { ...world.people.acmeManager, membershipId };
      return world.as(by, 'membership.delegations', { membershipId: member('acmeManager') });
    };
    const first = await passOn('acmeNorth');
    expect((await told(member('acmeManager'))).passedOn).toMatchObject([{ id: first.id }]);
    const { userId, name } = world.people.acmeManager;
    const elsewhere = await addMembership(world.db, userId, name, world.organizations.beta);
    await world.as('owner', 'membership.end', { membershipId: member('acmeManager') } as never);
    await passOn('acmeNorthSite');
    const left = await told(elsewhere);
    expect(left.passedOn).toEqual([]);
    expect(left.given.map((one) => one.id)).toContain(id);
  });
});

describe('a delegation that nobody used', () => {
  it('stays so for a reader in whose reach nobody used it (I06)', async () => {
    await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      places: [{ organizationId: at('beta') }],
      delegate: { membershipId: member('acmeMember') },
      permissions: ['user.read', 'organization.read', 'membership.update'],
    } as never);
    await sql`update delegation set created_at = remit_now() - interval '200 days'`.execute(world.db);
    const unused = (by: PersonName) =>
      world.as(by, 'attention.list', { kind: 'unused-delegation', limit: 50 } as never);
    const rename = (name: PersonName) =>
      world.as('acmeMember', 'membership.update', { membershipId: member(name), title: 'Fitter' } as never);
    const before = await unused('acmePeer');
    await rename('betaMember');
    expect(await unused('acmePeer')).toEqual(before);
    await rename('northMember');
    expect(await unused('acmePeer')).not.toEqual(before);
  });
});

describe('the name of an organization', () => {
  const make = (name: string) =>
    world.as('owner', 'organization.create', { parentId: at('beta'), name } as never);

  it('stands there once, however it is written (I40)', async () => {
    expect(await make('Caf\u00e9 Nord')).toMatchObject({ name: 'Caf\u00e9 Nord' });
    await expect(make('Cafe\u0301 Nord')).rejects.toEqual(refused('organization.name-taken'));
    for (const unseen of ['\u200b', '\u00ad', '\u2060', '\ufeff', '\u{e0041}'])
      await expect(make(`Caf\u00e9${unseen} Nord`)).rejects.toEqual(refused('input.invalid'));
    await expect(make('\u0639\u0644\u06cc\u200c\u0631\u0636\u0627')).resolves.toBeTruthy();
  });
});
