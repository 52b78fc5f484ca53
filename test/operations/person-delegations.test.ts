import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../src/authority/decide.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { permissionWords } from '../../src/authority/words.ts';
import { membershipTarget } from '../../src/operation/targets.ts';
import type { Output } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const member = (person: PersonName) => world.people[person].membershipId;
const manager = adminRoleId('delegated-manager');
const ids = (views: { id: string }[]) => views.map(({ id }) => id).sort();
const of = (person: PersonName, as: PersonName) =>
  world.as(as, 'membership.delegations', { membershipId: member(person) });

/** acme's manager appoints north's, who appoints the site's member. */
async function passOn() {
  const { acmeNorth, acmeNorthSite, acme } = world.organizations;
  const north = await world.as('acmeManager', 'delegation.create', {
    organizationId: acmeNorth.id,
    delegate: { membershipId: member('northMember') },
    adminRoleId: manager,
    mayPassOn: 1,
  });
  const site = await world.as('northMember', 'delegation.create', {
    organizationId: acmeNorthSite.id,
    delegate: { membershipId: member('siteMember') },
    adminRoleId: adminRoleId('help-desk'),
  });
  const relation = await world.as('owner', 'delegation.create', {
    organizationId: acme.id,
    delegate: { relation: 'members', organizationId: acme.id },
    adminRoleId: adminRoleId('help-desk'),
  });
  await sql`insert into delegation (id, kind, delegate_kind, delegate_user_id, delegate_membership_id, giver_user_id, giver_membership_id,
      permissions, scope, place_paths, entitlements)
    values (gen_random_uuid(), 'approve', 'user', ${world.people.siteMember.userId}, ${member('siteMember')},
      ${world.people.northMember.userId}, ${member('northMember')}, '{}', ${JSON.stringify([{ places: [{ ...acmeNorth, below: true }] }])}::jsonb,
      ${[acmeNorth.path]}::text[], '{"all":true}')`.execute(world.db);
  return { north: north.id, site: site.id, relation: relation.id };
}

describe('given, received, passed on', () => {
  it('shows of a person what they hold, what they gave, and what others gave further on', async () => {
    const { north, site, relation } = await passOn();
    const mine = await of('acmeManager', 'acmeManager');
    expect(ids(mine.received)).toEqual([world.delegations.acmeManager, relation].sort());
    expect(ids(mine.given)).toEqual([world.delegations.northManager, north].sort());
    expect(ids(mine.passedOn)).toEqual([site]);
    const theirs = await of('northMember', 'acmeManager');
    expect(ids(theirs.received)).toEqual([north, relation].sort());
    expect(ids(theirs.given)).toEqual([site]);
    expect(theirs.deputies).toMatchObject([{ name: 'siteMember' }]);
    expect((await of('siteMember', 'acmeManager')).decidesFor).toMatchObject([{ name: 'northMember' }]);
  });

  it('shows of another what stands in reach, and one’s own always', async () => {
    const { site } = await passOn();
    // The owner gave acme its ceiling and its managers, and much elsewhere: acme's manager sees neither who nor what.
    await expect(of('owner', 'acmeManager')).rejects.toMatchObject({ code: 'not-found' });
    await expect(of('acme2Manager', 'acmeManager')).rejects.toMatchObject({ code: 'not-found' });
    await expect(of('acmeManager', 'acmeHelpDesk')).rejects.toMatchObject({ code: 'not-permitted' });
    expect(ids((await of('siteMember', 'siteMember')).received)).toContain(site);
    // The help desk that every member is by now sees people, and not what they may do.
    await expect(of('acmeManager', 'northMember')).rejects.toMatchObject({ code: 'not-permitted' });
    // Somebody who manages in two places: what they hold in the other is not for the first to see.
    await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, admin_role_id,
        scope, place_paths, entitlements)
      values (gen_random_uuid(), 'administer', ${world.delegations.acme2Standing}, ${[world.delegations.acme2Standing, world.delegations.owner, world.delegations.rootRow]}::uuid[],
        'user', ${world.people.acmePeer.userId}, ${member('acmePeer')}, ${manager},
        ${JSON.stringify([{ places: [{ ...world.organizations.acme2, below: true }] }])}::jsonb, ${[world.organizations.acme2.path]}::text[], '{"all":true}')`.execute(
      world.db,
    );
    const seen = (await of('acmePeer', 'acmeManager')).received;
    expect(seen.map(({ places }) => places.map(({ name }) => name))).toEqual([['acme'], ['acme']]);
    expect((await of('acmePeer', 'owner')).received).toHaveLength(3);
  });
});

describe('who may act on me', () => {
  const onMe = async (as: PersonName): Promise<Output<'acting.on-me'>['items'][number]['people']> =>
    (await world.as(as, 'acting.on-me', {})).items[0]!.people;

  it('is one level above until somebody acted on me or is in my reach, and counts nobody', async () => {
    const before = await onMe('southMember');
    expect(before.map(({ name, userId }) => [name, userId])).toEqual([['a level above', null]]);
    expect(before[0]!.may).toContain(permissionWords('membership.end'));
    expect(JSON.stringify(before)).not.toMatch(/acmeManager|owner/i);
    await world.as('acmeManager', 'membership.update', {
      membershipId: member('southMember'),
      title: 'Fitter',
    });
    const after = await onMe('southMember');
    expect(after.map(({ name }) => name)).toEqual(['acmeManager', 'a level above']);
    expect(after[0]).toMatchObject({ userId: world.people.acmeManager.userId });
    expect(after[0]!.may).toContain(permissionWords('access.grant'));
    // Whoever sees people sees them here.
    expect((await onMe('acmePeer')).map(({ name }) => name)).toEqual([
      'acmeApplicationManager',
      'acmeHelpDesk',
      'acmeManager',
      'a level above',
    ]);
  });

  it('names an API key that acted on me, and none that did not', async () => {
    const key = async (name: string) =>
      (
        await world.as('acmeManager', 'client.create', {
          organizationId: world.organizations.acme.id,
          name,
          permissions: ['user.read', 'membership.update'],
        })
      ).id;
    const [feed] = [await key('feed'), await key('quiet')];
    expect(JSON.stringify(await onMe('southMember'))).not.toMatch(/feed|quiet/);
    await sql`insert into event (id, type, operation, actor_kind, actor_id, target_kind, subject_id)
      values (gen_random_uuid(), 'membership.updated', 'membership.update', 'client', ${feed}, 'membership', ${world.people.southMember.userId})`.execute(
      world.db,
    );
    const people = await onMe('southMember');
    expect(people.filter(({ name }) => name.startsWith('API key'))).toEqual([
      {
        userId: null,
        name: 'API key “feed”',
        may: [permissionWords('user.read'), permissionWords('membership.update')],
      },
    ]);
  });

  it('says of each person what the check says of them', async () => {
    await passOn();
    for (const me of ['southMember', 'northMember', 'acmeHelpDesk', 'acme2Member'] as const) {
      // Whoever acted before is named, so that each can be compared by name.
      for (const name of Object.keys(world.people) as PersonName[])
        if (name !== me)
          await sql`insert into event (id, type, operation, actor_kind, actor_id, target_kind, subject_id)
            values (gen_random_uuid(), 'membership.updated', 'membership.update', 'user', ${world.people[name].userId}, 'membership', ${world.people[me].userId})`.execute(
            world.db,
          );
      const people = await onMe(me);
      const target = (await membershipTarget(world.db, member(me)))!;
      for (const name of Object.keys(world.people) as PersonName[]) {
        if (name === me) continue;
        const facts = await loadFacts(world.db, { kind: 'membership', membershipId: member(name) });
        const may = people.find((one) => one.name === name)?.may ?? [];
        for (const permission of ['user.read', 'membership.end', 'access.grant', 'request.decide'] as const)
          expect([me, name, permission, may.includes(permissionWords(permission))]).toEqual([
            me,
            name,
            permission,
            decide(facts, permission, target).effect === 'permit',
          ]);
      }
      // A new code only from somebody whose powers are more than mine: never from a peer.
      const reset = people.filter(({ may }) => may.includes(permissionWords('credential.reset')));
      expect(reset.map(({ name }) => name)).toContain('owner');
    }
  });
});
