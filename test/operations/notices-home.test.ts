import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world?.close());

const home = async (person: PersonName): Promise<string[]> =>
  (await world.as(person, 'home.read', {})).items.map(({ sentence }) => sentence);

it('is empty for somebody whom nothing waits for', async () => {
  expect(await home('acmeMember')).toEqual([]);
});

it('names organizations with only one manager, within reach', async () => {
  expect(await home('acmeManager')).toEqual(['acmeNorth has only one manager']);
  expect(await home('owner')).toEqual(['acmeNorth has only one manager', 'acme2 has only one manager']);
});

it('counts what waits, and leads to the page of it', async () => {
  await world.as('northMember', 'request.create', {
    entitlementId: world.entitlements.partsViewer,
    reason: 'to look',
  });
  await world.as('acmeManager', 'invitation.create', {
    organizationId: world.organizations.acmeNorth.id,
    people: [{ email: 'ada@example.net' }, { email: 'bea@example.net' }],
  });
  const { items } = await world.as('acmeManager', 'home.read', {});
  expect(items[0]).toEqual({
    kind: 'requests',
    count: 1,
    sentence: '1 person waits for you to decide',
    link: '/requests',
  });
  expect(await home('acme2Manager')).toEqual(['acme2 has only one manager']);
  expect(await home('northMember')).toEqual([]);

  await passTime(world.db, 12 * 86_400);
  expect(await home('northManager')).toContain('2 invitations run out within 3 days');
  await passTime(world.db, 3 * 86_400);
  expect(await home('northManager')).toContain('2 invitations have run out in the last 30 days');
  await sql`update invitation set renewal_asked_at = remit_now() where email = 'ada@example.net'`.execute(
    world.db,
  );
  expect(await home('northManager')).toEqual(
    expect.arrayContaining([
      'ada@example.net asks for a new invitation',
      'The invitation of bea@example.net has run out',
    ]),
  );
});

it('offers what a leaver left behind', async () => {
  await world.as('owner', 'membership.end', { membershipId: world.people.acmePeer.membershipId });
  expect(await home('acmeManager')).toContain(
    'acmePeer left acme: choose who takes over what they passed on',
  );
  expect(await home('northManager')).not.toContain(
    'acmePeer left acme: choose who takes over what they passed on',
  );
});

it('tells somebody their own last day once it is near, and always on their account', async () => {
  const { rows } = await sql<{ near: string; far: string }>`
    select (remit_now() + interval '20 days')::date::text as near, (remit_now() + interval '90 days')::date::text as far`.execute(
    world.db,
  );
  const [{ near, far }] = rows as [(typeof rows)[0]];
  const membershipId = world.people.acmeMember.membershipId;
  const last = async (lastDay: string | null) => {
    await world.as('acmeManager', 'membership.update', { membershipId, lastDay });
    const home = await world.as('acmeMember', 'home.read', {});
    const { stay } = await world.as('acmeMember', 'me.read', {});
    return [home.lastDay, stay?.organization, stay?.lastDay];
  };
  expect(await last(far)).toEqual([null, 'acme', far]);
  expect(await last(near)).toEqual([near, 'acme', near]);
  expect(await last(null)).toEqual([null, 'acme', null]);
});
