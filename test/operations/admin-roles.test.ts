import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminRoleId, builtInAdminRoles, type Permission } from '../../src/authority/permissions.ts';
import { makeWorld, type OrganizationName, type PersonName, type World } from '../harness/world.ts';

/** Admin roles of an organization's own: making one gives nobody anything; editing one gives to everybody who has it. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const at = (name: OrganizationName) => world.organizations[name].id;
const refused = (code: string) => expect.objectContaining({ code });

const make = (by: PersonName, place: OrganizationName, permissions: Permission[], name = 'Branch desk') =>
  world.as(by, 'admin-role.create', { organizationId: at(place), name, permissions });
const edit = (by: PersonName, role: string, permissions: Permission[], version?: number) =>
  world.as(by, 'admin-role.update', { adminRoleId: role, permissions }, { ifMatch: version });
const appoint = (
  by: PersonName,
  person: PersonName,
  place: OrganizationName,
  role: string,
  more: { until?: string; mayPassOn?: number } = {},
) =>
  world.as(by, 'delegation.create', {
    organizationId: at(place),
    delegate: { membershipId: world.people[person].membershipId },
    adminRoleId: role,
    entitlements: { applicationIds: [], entitlementIds: [] },
    ...more,
  });
const may = async (person: PersonName, permission: Permission, place: OrganizationName) =>
  (await world.as(person, 'decision.explain', { permission, organizationId: at(place) })).effect;
const events = async (type: string) =>
  (
    await sql<{
      before: Record<string, unknown> | null;
      after: Record<string, unknown>;
    }>`select before, after from event where type = ${type} order by position`.execute(world.db)
  ).rows;

const reads: Permission[] = ['organization.read', 'user.read'];

describe('an admin role', () => {
  it('is made of permissions in words, and gives nobody anything', async () => {
    const before = await sql<{ n: number }>`select count(*)::int as n from delegation`.execute(world.db);
    const role = await make('acmeManager', 'acme', ['user.read', 'organization.read']);
    expect(role).toMatchObject({
      organizationId: at('acme'),
      permissions: reads,
      permissionWords: ['see organizations', 'see people'],
      state: 'active',
      version: 1,
    });
    expect(
      (await sql<{ n: number }>`select count(*)::int as n from delegation`.execute(world.db)).rows,
    ).toEqual(before.rows);
    // More than its maker has: it can be made, and not given.
    const wide = await make('acmeManager', 'acme', ['organization.move'], 'Mover');
    await expect(appoint('acmeManager', 'southMember', 'acmeSouth', wide.id)).rejects.toEqual(
      refused('delegation.outside'),
    );
    expect(await events('admin-role.created')).toMatchObject([
      { before: null, after: { id: role.id, organization_id: at('acme'), permissions: reads } },
      { after: { id: wide.id } },
    ]);
  });

  it('is listed for those who see its place or have it, the built-in ones for everybody', async () => {
    const acme = await make('acmeManager', 'acme', reads);
    const root = await make('owner', 'root', reads, 'From the top');
    const listed = async (person: PersonName, organizationId?: string) =>
      (await world.as(person, 'admin-role.list', organizationId ? { organizationId } : {})).items.map(
        ({ id }) => id,
      );
    const builtIn = builtInAdminRoles.map(({ id }) => id);
    expect(await listed('betaMember')).toEqual(builtIn);
    expect(await listed('acme2Manager')).toEqual(builtIn);
    expect(await listed('acmeManager')).toEqual([...builtIn, acme.id]);
    expect(await listed('owner')).toEqual([...builtIn, acme.id, root.id]);
    expect(await listed('owner', at('beta'))).toEqual([...builtIn, root.id]);
    await appoint('owner', 'southMember', 'acmeSouth', root.id);
    expect(await listed('southMember')).toEqual([...builtIn, root.id]);
    expect(await listed('acmeManager', at('acmeSouth'))).toEqual([...builtIn, acme.id, root.id]);
    await expect(listed('acmeManager', at('beta'))).rejects.toEqual(refused('not-found'));
    const page = await world.as('owner', 'admin-role.list', { limit: 8 });
    const next = await world.as('owner', 'admin-role.list', { limit: 8, cursor: page.next! });
    expect([...page.items, ...next.items].map(({ id }) => id)).toEqual([...builtIn, acme.id, root.id]);
    expect(next.next).toBeUndefined();
  });

  it('of another place, or built in, is not edited', async () => {
    const role = await make('acmeManager', 'acme', reads);
    await expect(edit('acme2Manager', role.id, ['user.read'])).rejects.toEqual(refused('not-found'));
    await expect(edit('northManager', role.id, ['user.read'])).rejects.toEqual(refused('not-found'));
    await expect(edit('acmeHelpDesk', role.id, ['user.read'])).rejects.toEqual(refused('not-permitted'));
    await expect(edit('acmeManager', adminRoleId('help-desk'), ['user.read'])).rejects.toEqual(
      refused('not-found'),
    );
    await expect(edit('owner', adminRoleId('help-desk'), ['user.read'])).rejects.toEqual(
      refused('admin-role.built-in'),
    );
    await expect(edit('acmeManager', role.id, ['user.read'], 7)).rejects.toEqual(refused('version.stale'));
    const second = await make('acmeManager', 'acme', reads, 'Other');
    await expect(
      world.as('acmeManager', 'admin-role.update', { adminRoleId: second.id, name: 'Branch desk' }),
    ).rejects.toEqual(refused('name-taken'));
    await expect(make('acmeManager', 'acme', reads)).rejects.toEqual(refused('name-taken'));
  });
});

describe('putting a permission in (I01)', () => {
  it('gives it to everybody who has the role, at the next request', async () => {
    const role = await make('acmeManager', 'acme', reads);
    await appoint('acmeManager', 'southMember', 'acmeSouth', role.id);
    expect(await may('southMember', 'user.invite', 'acmeSouth')).toBe('deny');
    const changed = await edit('acmeManager', role.id, [...reads, 'user.invite'], 1);
    expect(changed.version).toBe(2);
    expect(await may('southMember', 'user.invite', 'acmeSouth')).toBe('permit');
    expect(await events('admin-role.updated')).toMatchObject([
      {
        before: { permissions: reads, version: 1 },
        after: { permissions: [...reads, 'user.invite'], version: 2 },
      },
    ]);
  });

  it('is refused when the editor may not pass it on to one of them, who is named only where seen', async () => {
    const role = await make('acmeManager', 'acme', reads);
    const theirs = await appoint('acmeManager', 'southMember', 'acmeSouth', role.id);
    await expect(edit('acmeManager', role.id, [...reads, 'organization.move'])).rejects.toMatchObject({
      code: 'admin-role.outside',
      details: { delegationId: theirs.id, piece: 'permission' },
    });
    expect(await may('southMember', 'organization.move', 'acmeSouth')).toBe('deny');
    // Somebody above may.
    await edit('owner', role.id, [...reads, 'organization.move']);
    // A manager of the north edits a role that is used in the south, too.
    await sql`update delegation set place_paths = array['r.1.1'], scope = ${JSON.stringify([
      { places: [{ ...world.organizations.acmeNorth, below: true }] },
    ])}::jsonb where id = ${world.delegations.acmePeer}`.execute(world.db);
    await sql`update admin_role set organization_id = ${at('acmeNorth')} where id = ${role.id}`.execute(
      world.db,
    );
    const error = await edit('acmePeer', role.id, [...reads, 'organization.move', 'user.enrol']).catch(
      (no) => no,
    );
    expect(error).toMatchObject({ code: 'admin-role.outside' });
    expect(JSON.stringify(error.details)).not.toContain(theirs.id);
  });

  it('counts the period, the access and the passing on of each delegation', async () => {
    const role = await make('owner', 'acme', reads);
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    const give = (more: Parameters<typeof appoint>[4]) =>
      appoint('owner', 'southMember', 'acmeSouth', role.id, more);
    const link = await give({});
    await sql`update delegation set ends_at = ${soon} where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
    await expect(edit('acmeManager', role.id, [...reads, 'user.enrol'])).rejects.toMatchObject({
      details: { piece: 'period' },
    });
    await sql`update delegation set ends_at = ${soon} where id = ${link.id}`.execute(world.db);
    await edit('acmeManager', role.id, [...reads, 'user.enrol']);
    await sql`update delegation set may_pass_on = 3 where id = ${link.id}`.execute(world.db);
    await expect(edit('acmeManager', role.id, [...reads, 'user.enrol', 'user.invite'])).rejects.toMatchObject(
      {
        details: { piece: 'passing-on' },
      },
    );
    await sql`update delegation set may_pass_on = 0, entitlements = '{"all":true}' where id = ${link.id}`.execute(
      world.db,
    );
    await expect(edit('acmeManager', role.id, [...reads, 'user.enrol', 'user.invite'])).rejects.toMatchObject(
      {
        details: { piece: 'entitlement' },
      },
    );
  });

  it('is one chain for each: X here and Y there do not make both', async () => {
    const role = await make('acmeManager', 'acme', reads);
    await appoint('acmeManager', 'southMember', 'acmeSouth', role.id);
    // The peer may pass on in all of acme, and move organizations elsewhere only.
    await world.as('owner', 'delegation.create', {
      organizationId: at('beta'),
      delegate: { membershipId: world.people.acmePeer.membershipId },
      permissions: ['organization.move', 'delegation.create'],
      mayPassOn: 5,
    });
    await expect(edit('acmePeer', role.id, [...reads, 'organization.move'])).rejects.toEqual(
      refused('admin-role.outside'),
    );
  });

  it('never gives to the editor (I02)', async () => {
    const role = await make('acmeManager', 'acme', [...reads, 'admin-role.configure']);
    await appoint('acmeManager', 'southMember', 'acme', role.id);
    await expect(
      edit('southMember', role.id, [...reads, 'admin-role.configure', 'user.invite']),
    ).rejects.toEqual(refused('user.self'));
    expect(await may('southMember', 'user.invite', 'acme')).toBe('deny');
  });

  it('counts those who are paused, and organizations from above them', async () => {
    const role = await make('owner', 'acme', reads);
    const link = await appoint('owner', 'southMember', 'acmeSouth', role.id);
    await world.as('owner', 'delegation.pause', { delegationId: link.id });
    await expect(edit('acmeManager', role.id, [...reads, 'organization.move'])).rejects.toEqual(
      refused('admin-role.outside'),
    );
    await world.as('owner', 'delegation.end', { delegationId: link.id });
    await edit('acmeManager', role.id, [...reads, 'organization.move']);
    // What acme may hand out is decided above acme.
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acmeStanding });
    const standing = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: 'organization',
      adminRoleId: role.id,
    });
    await sql`update delegation set state = 'active' where id = ${world.delegations.acmeStanding}`.execute(
      world.db,
    );
    await expect(edit('acmeManager', role.id, [...reads, 'user.enrol'])).rejects.toMatchObject({
      code: 'admin-role.outside',
      details: { delegationId: standing.id },
    });
  });
});

describe('taking a permission out', () => {
  it('is in force at the next request, for those further down', async () => {
    const role = await make('acmeManager', 'acme', [...reads, 'user.invite']);
    await appoint('acmePeer', 'southMember', 'acmeSouth', role.id);
    expect(await may('southMember', 'user.invite', 'acmeSouth')).toBe('permit');
    await edit('acmeManager', role.id, reads);
    expect(await may('southMember', 'user.invite', 'acmeSouth')).toBe('deny');
  });

  it('is refused from beside and below', async () => {
    const role = await make('owner', 'acme', [...reads, 'user.invite', 'admin-role.configure']);
    await appoint('owner', 'southMember', 'acme', role.id);
    await expect(edit('acmeManager', role.id, reads)).rejects.toEqual(refused('admin-role.from-above'));
    expect(await may('southMember', 'user.invite', 'acme')).toBe('permit');
    await edit('owner', role.id, reads);
    expect(await may('southMember', 'user.invite', 'acme')).toBe('deny');
  });

  it('leaves nobody without a manager (I38)', async () => {
    const role = await make('owner', 'acme', [...reads, 'user.invite']);
    await appoint('owner', 'southMember', 'acmeSouth', role.id);
    // Only this one can sign in.
    await sql`insert into credential (user_id, password_hash) values (${world.people.southMember.userId}, 'x')`.execute(
      world.db,
    );
    await expect(edit('owner', role.id, reads)).rejects.toEqual(refused('delegation.last-manager'));
    await sql`insert into credential (user_id, password_hash) values (${world.people.acmeManager.userId}, 'x')`.execute(
      world.db,
    );
    await edit('owner', role.id, reads);
  });
});

describe('a retired role', () => {
  it('is not given any more, and takes nothing from whoever has it', async () => {
    const role = await make('acmeManager', 'acme', [...reads, 'user.invite']);
    await appoint('acmeManager', 'southMember', 'acmeSouth', role.id);
    const retired = await world.as('acmeManager', 'admin-role.retire', { adminRoleId: role.id });
    expect(retired).toMatchObject({ state: 'retired', version: 2 });
    expect(await may('southMember', 'user.invite', 'acmeSouth')).toBe('permit');
    await expect(appoint('acmeManager', 'northMember', 'acmeNorth', role.id)).rejects.toEqual(
      refused('admin-role.retired'),
    );
    await expect(edit('acmeManager', role.id, reads)).rejects.toEqual(refused('admin-role.retired'));
    await world.as('acmeManager', 'admin-role.retire', { adminRoleId: role.id });
    expect(await events('admin-role.retired')).toMatchObject([
      { before: { state: 'active' }, after: { state: 'retired', permissions: [...reads, 'user.invite'] } },
    ]);
    const { items } = await world.as('acmeManager', 'admin-role.list', {});
    expect(items.map(({ id }) => id)).not.toContain(role.id);
    // Its name is free again.
    await make('acmeManager', 'acme', reads);
  });
});
