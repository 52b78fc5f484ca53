import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permissionWords } from '../../src/authority/words.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const seeAs = (person: PersonName, as: PersonName) =>
  world.as(as, 'user.see-as', { membershipId: world.people[person].membershipId });

describe('seeing it as they would', () => {
  it('shows the intersection of both reaches', async () => {
    const seen = await seeAs('northManager', 'acmeManager');
    expect(seen).toMatchObject({ displayName: 'northManager', more: false });
    expect(seen.organizations.map(({ name }) => name)).toEqual(['acmeNorth', 'acmeNorthSite']);
    expect(seen.people.map(({ displayName }) => displayName).sort()).toEqual([
      'northManager',
      'northMember',
      'siteMember',
    ]);
    expect(seen.mayDo.map(({ words }) => words)).toContain(permissionWords('user.invite'));
    // A manager of two branches is shown as the one that the reader looks after.
    const { acme2 } = world.organizations;
    await sql`update delegation set scope = scope || ${JSON.stringify([{ places: [{ ...acme2, below: true }] }])}::jsonb,
      place_paths = place_paths || ${[acme2.path]}::text[], parent_id = ${world.delegations.owner},
      chain = ${[world.delegations.owner, world.delegations.rootRow]}::uuid[] where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    expect(JSON.stringify(await seeAs('northManager', 'acmeManager'))).not.toContain('acme2');
    expect(JSON.stringify(await seeAs('northManager', 'owner'))).toContain('acme2');
    expect(await seeAs('southMember', 'acmeManager')).toMatchObject({
      organizations: [],
      people: [],
      mayDo: [],
    });
  });

  it('is recorded, and told to the person by name', async () => {
    await seeAs('northManager', 'acmeManager');
    const { items } = await world.as('northManager', 'event.mine', {});
    expect(items[0]).toMatchObject({
      type: 'user.viewed',
      sentence: 'AcmeManager looked at what northManager sees in acmeNorth.',
    });
  });

  it('needs the person in reach, and to see what they may do', async () => {
    await expect(seeAs('acme2Manager', 'acmeManager')).rejects.toMatchObject({ code: 'not-found' });
    await expect(seeAs('owner', 'acmeManager')).rejects.toMatchObject({ code: 'not-found' });
    await expect(seeAs('northManager', 'acmeHelpDesk')).rejects.toMatchObject({ code: 'not-permitted' });
    await expect(seeAs('acmeManager', 'acmeManager')).rejects.toMatchObject({ code: 'user.self' });
  });
});
