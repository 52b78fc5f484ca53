import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** The map: one organization and those directly below it, with who may do what there, inside the reader's boundary. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const absent = '00000000-0000-7000-8000-00000000dead';
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const read = (who: PersonName, organization?: keyof World['organizations'], more: object = {}) =>
  world.as(who, 'map.read', {
    ...(organization ? { organizationId: world.organizations[organization].id } : {}),
    ...more,
  });

describe('map.read', () => {
  it('begins at the top of what the reader sees, and names nothing above', async () => {
    const { items, organization, above } = await read('acmeManager');
    expect(items.map(({ name }) => name)).toEqual(['acme']);
    expect(items[0]).toMatchObject({ parentId: null, childCount: 2, organizationsBelow: 3 });
    expect([organization, above]).toEqual([null, []]);
    const inside = await read('northManager', 'acmeNorth');
    expect(inside.organization).toMatchObject({ name: 'acmeNorth', parentId: null });
    expect(inside.above).toEqual([]);
  });

  it('shows those directly below, with people and organizations counted at every depth', async () => {
    const { items, organization, above } = await read('owner', 'acme');
    expect(items.map(({ name }) => name)).toEqual(['acmeNorth', 'acmeSouth']);
    expect(items[0]).toMatchObject({ organizationsBelow: 1, childCount: 1, peopleCount: 3 });
    expect(organization).toMatchObject({ name: 'acme', organizationsBelow: 3 });
    expect(above.map(({ name }) => name)).toEqual(['Lumen Energy']);
  });

  it('says who holds what there, what an organization may hand out first', async () => {
    const { organization } = await read('owner', 'acme');
    expect(organization!.delegationCount).toBe(5);
    expect(organization!.delegations[0]).toMatchObject({ kind: 'organization', holder: 'acme', below: true });
    expect(organization!.delegations).toContainEqual(
      expect.objectContaining({ holder: 'acmeManager', what: 'Manager', inForce: true, until: null }),
    );
  });

  it('puts single permissions into words, and no list of them all', async () => {
    await world.as('acmeManager', 'delegation.create', {
      organizationId: world.organizations.acmeSouth.id,
      delegate: { membershipId: world.people.southMember.membershipId },
      permissions: ['user.read', 'user.invite', 'access.read'],
    });
    const { organization } = await read('acmeManager', 'acmeSouth');
    expect(organization!.delegations.map(({ holder, what }) => [holder, what])).toEqual([
      ['southMember', 'see people, invite people, 1 more'],
    ]);
  });

  it('shows no delegation to those who may not see who may do what', async () => {
    const { items } = await read('acmeHelpDesk');
    expect(items[0]).toMatchObject({ name: 'acme', delegations: [], delegationCount: 0, exceptionCount: 0 });
  });

  it('counts what is set and left out, and drops what has ended', async () => {
    const { id, path } = world.organizations.acmeNorth;
    await sql`insert into exception (id, organization_id, path, permissions) values (gen_random_uuid(), ${id}, ${path}, '{user.invite}')`.execute(
      world.db,
    );
    const before = (await read('acmeManager', 'acmeNorth')).organization!;
    expect(before).toMatchObject({ exceptionCount: 1, delegationCount: 1 });
    await world.as('acmeManager', 'delegation.end', { delegationId: world.delegations.northManager });
    expect((await read('acmeManager', 'acmeNorth')).organization).toMatchObject({
      delegationCount: 0,
      delegations: [],
    });
  });

  it('answers out of reach as it answers what does not exist', async () => {
    await expect(read('acmeManager', 'acme2')).rejects.toEqual(refusal('not-found'));
    await expect(read('acmeManager', 'root')).rejects.toEqual(refusal('not-found'));
    await expect(world.as('acmeManager', 'map.read', { organizationId: absent })).rejects.toEqual(
      refusal('not-found'),
    );
    await expect(read('acmeMember')).rejects.toEqual(refusal('not-permitted'));
  });

  it('loads a page of ten thousand at a time, whole and without gaps', async () => {
    const { id, path } = world.organizations.beta;
    await sql`insert into organization (id, parent_id, path, name, time_zone)
      select gen_random_uuid(), ${id}, ${`${path}.x`} || n, 'place ' || lpad(n::text, 5, '0'), 'UTC' from generate_series(1, 10000) n`.execute(
      world.db,
    );
    const first = await read('owner', 'beta', { limit: 50 });
    expect(first.items).toHaveLength(50);
    expect(first.organization).toMatchObject({ childCount: 10_000, organizationsBelow: 10_000 });
    const second = await read('owner', 'beta', { limit: 50, cursor: first.next });
    expect(second.items[0]!.name).toBe('place 00051');
    const began = performance.now();
    await read('owner', 'beta', { limit: 50 });
    expect(performance.now() - began, 'a page of the map in ms').toBeLessThan(1000);
  });
});
