import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type OrganizationName, type PersonName, type World } from '../harness/world.ts';

/** Groups: who makes them, who is in them, and what is given by putting somebody in (I01, ruling 2). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const member = (person: PersonName) => world.people[person].membershipId;
const make = async (at: OrganizationName, by: PersonName = 'acmeManager', name = 'Night shift') =>
  world.as(by, 'group.create', { organizationId: world.organizations[at].id, name });
const add = (groupId: string, people: PersonName[], by: PersonName = 'acmeManager') =>
  world.as(by, 'group.add-members', { groupId, membershipIds: people.map(member) });
const remove = (groupId: string, people: PersonName[], by: PersonName = 'acmeManager') =>
  world.as(by, 'group.remove-members', { groupId, membershipIds: people.map(member) });
const names = async (groupId: string, by: PersonName = 'acmeManager') => {
  const { members } = await world.as(by, 'group.read', { groupId });
  return members.items.map(({ membershipId }) =>
    Object.keys(world.people).find((name) => member(name as PersonName) === membershipId),
  );
};

/** A rule that gives to a group, as if somebody above had made it. */
async function ruleFor(groupId: string, at: OrganizationName, entitlement: keyof World['entitlements']) {
  await sql`insert into access_rule (id, organization_id, group_id, entitlement_id)
    values (${newId()}, ${world.organizations[at].id}, ${groupId}, ${world.entitlements[entitlement]})`.execute(
    world.db,
  );
}

describe('a group', () => {
  it('has one name in its organization, while it stands', async () => {
    const { id } = await make('acme');
    await expect(make('acme', 'acmeManager', 'NIGHT shift')).rejects.toMatchObject({ code: 'name-taken' });
    await make('acmeNorth');
    await world.as('acmeManager', 'group.end', { groupId: id });
    const again = await make('acme');
    const other = await make('acme', 'acmeManager', 'Day shift');
    await expect(
      world.as('acmeManager', 'group.update', { groupId: other.id, name: again.name }),
    ).rejects.toMatchObject({ code: 'name-taken' });
    await expect(add(id, ['northMember'])).rejects.toMatchObject({ code: 'group.ended' });
  });

  it('is made, seen and changed by those who look after its organization only', async () => {
    const { id } = await make('acme');
    for (const by of ['acme2Manager', 'northManager', 'northMember'] as const) {
      await expect(world.as(by, 'group.read', { groupId: id })).rejects.toMatchObject({ code: 'not-found' });
      await expect(add(id, ['northMember'], by)).rejects.toMatchObject({ code: 'not-found' });
    }
    await expect(make('acme', 'northManager')).rejects.toMatchObject({ kind: 'absent' });
    await expect(make('acme', 'acmeHelpDesk')).rejects.toMatchObject({ code: 'not-permitted' });
  });

  it('has people of its organization and below, whom the doer looks after, each once', async () => {
    const { id } = await make('acmeNorth', 'northManager');
    await add(id, ['northMember', 'siteMember', 'northMember'], 'northManager');
    await add(id, ['siteMember'], 'northManager');
    expect(await names(id, 'northManager')).toEqual(['northMember', 'siteMember']);
    await expect(add(id, ['southMember'], 'northManager')).rejects.toMatchObject({ code: 'not-found' });
    await expect(add(id, ['southMember'])).rejects.toMatchObject({ code: 'group.elsewhere' });
    await expect(add(id, ['northManager'], 'northManager')).rejects.toMatchObject({ code: 'user.self' });
    await remove(id, ['northMember'], 'northManager');
    expect(await names(id, 'northManager')).toEqual(['siteMember']);
    await world.as('acmeManager', 'membership.end', { membershipId: member('siteMember') });
    expect(await names(id, 'northManager')).toEqual([]);
    await expect(add(id, ['siteMember'])).rejects.toMatchObject({ code: 'membership.ended' });
  });

  it('is told in the trail: one event for each who comes and goes', async () => {
    const { id } = await make('acme');
    await add(id, ['northMember', 'southMember']);
    await remove(id, ['northMember']);
    const { rows } = await sql<{ type: string; subject: string }>`
      select type, subject_id as subject from event where type like 'group.%' order by position`.execute(
      world.db,
    );
    const of = (name: PersonName) => world.people[name].userId;
    expect(rows.map(({ type }) => type)).toEqual([
      'group.created',
      'group.member-added',
      'group.member-added',
      'group.member-removed',
    ]);
    expect(rows.slice(1).map(({ subject }) => subject)).toEqual([
      of('northMember'),
      of('southMember'),
      of('northMember'),
    ]);
  });
});

describe('a rule that reads it', () => {
  it('gives while somebody is in it, and while it stands', async () => {
    const { id } = await make('acme');
    await ruleFor(id, 'acme', 'partsViewer');
    const has = () => holds(world.db, member('northMember'), world.entitlements.partsViewer);
    expect(await has()).toBe(false);
    await add(id, ['northMember']);
    expect(await has()).toBe(true);
    await remove(id, ['northMember']);
    expect(await has()).toBe(false);
    await add(id, ['northMember']);
    const preview = await world.as('acmeManager', 'change.preview', {
      operation: 'group.end',
      input: { groupId: id },
    });
    expect(preview.loses.access).toMatchObject([{ membershipId: member('northMember') }]);
    await world.as('acmeManager', 'group.end', { groupId: id });
    expect(await has()).toBe(false);
  });

  it('is filled by nobody who could not give what it gives (I01)', async () => {
    const { id } = await make('acme');
    await add(id, ['southMember']);
    await ruleFor(id, 'acme', 'partsBuyer');
    await sql`update delegation set entitlements = ${JSON.stringify({ applications: [], entitlements: [world.entitlements.partsViewer] })}::jsonb
      where id = ${world.delegations.acmeManager}`.execute(world.db);
    await expect(add(id, ['northMember'])).rejects.toMatchObject({ code: 'membership.gives-access' });
    expect(await names(id)).toEqual(['southMember']);
    // Who is in it already is given nothing, and another group gives nothing.
    await add(id, ['southMember']);
    await add((await make('acme', 'acmeManager', 'Other')).id, ['northMember']);
  });

  it('counts nobody who lies outside the group’s organization by now', async () => {
    const { id } = await make('acmeNorth');
    await ruleFor(id, 'acme', 'partsViewer');
    await add(id, ['siteMember']);
    const has = () => holds(world.db, member('siteMember'), world.entitlements.partsViewer);
    expect(await has()).toBe(true);
    const { acmeNorthSite, acmeSouth } = world.organizations;
    await world.as('owner', 'organization.move', {
      organizationId: acmeNorthSite.id,
      parentId: acmeSouth.id,
    } as never);
    expect(await has()).toBe(false);
    expect(await names(id)).toEqual([]);
  });
});

describe('a group that gives a role at a connected system', () => {
  it('takes people from those only who could act at that system', async () => {
    const { db, organizations } = world;
    const { id } = await make('acme');
    await sql`insert into target (id, organization_id, name, connector) values (${newId()}, ${organizations.acme.id}, 'directory', 'csv')`.execute(
      db,
    );
    await sql`insert into target_role (id, target_id, group_id, name)
      select gen_random_uuid(), id, ${id}, 'domain admins' from target`.execute(db);
    await expect(add(id, ['northMember'])).rejects.toMatchObject({ code: 'group.feeds-system' });
    await add(id, ['northMember'], 'owner');
    expect(await names(id)).toEqual(['northMember']);
    await remove(id, ['northMember']);
    await sql`update target set state = 'retired'`.execute(db);
    await add(id, ['siteMember']);
  });
});
