import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/**
 * What hangs below "the managers of Acme" holds while its giver is one of them: at use, and in every view of it, of the
 * ceiling it makes and of what rests on that. Found by the model.
 */
let world: World;
let relation: string;
beforeEach(async () => {
  world = await makeWorld();
  const made = await world.as('owner', 'delegation.create', {
    organizationId: at('acme'),
    delegate: { relation: 'managers', organizationId: at('acme') },
    permissions: ['delegation.create', 'delegation.read', 'organization.read', 'user.read', 'audit.read'],
    mayPassOn: 3,
  });
  relation = made.id;
});
afterEach(() => world.close());

const at = (name: keyof World['organizations']) => world.organizations[name].id;
const member = (name: PersonName) => world.people[name].membershipId;
const refused = (code: string) => expect.objectContaining({ code });

const passOn = async (): Promise<string> => {
  const { id } = await world.as('northManager', 'delegation.create', {
    organizationId: at('acmeNorth'),
    delegate: { membershipId: member('siteMember') },
    permissions: ['audit.read', 'user.read'],
  });
  const { rows } = await sql<{
    parent: string;
  }>`select parent_id as parent from delegation where id = ${id}`.execute(world.db);
  expect(rows[0]!.parent).toBe(relation);
  return id;
};

/** The giver is no manager any more. */
const lapse = () => world.as('owner', 'delegation.end', { delegationId: world.delegations.northManager });

describe('a link whose giver is not in that position any more', () => {
  const views = (id: string) => ({
    read: async () => world.as('owner', 'delegation.read', { delegationId: id }),
    list: async () =>
      (await world.as('owner', 'delegation.list', { organizationId: at('acmeNorth') })).items.find(
        (one) => one.id === id,
      ),
    mine: async () =>
      (await world.as('siteMember', 'delegation.mine', {})).received.find((one) => one.id === id),
  });

  it('says so wherever it is shown', async () => {
    const id = await passOn();
    for (const [name, view] of Object.entries(views(id)))
      expect(await view(), name).toMatchObject({ effective: true, stop: null });
    await lapse();
    for (const [name, view] of Object.entries(views(id)))
      expect(await view(), name).toMatchObject({
        effective: false,
        stop: {
          reason: 'lapsed',
          own: false,
          sentence: expect.stringContaining('not in that position any more'),
        },
      });
    expect(await world.as('owner', 'delegation.read', { delegationId: relation })).toMatchObject({
      effective: true,
      stop: null,
    });
  });

  it('is no ceiling that anything rests on', async () => {
    await world.as('owner', 'assignment.grant', {
      membershipIds: [member('siteMember')],
      entitlementIds: [world.entitlements.partsViewer],
    });
    await sql`insert into delegation (id, kind, parent_id, chain, giver_user_id, giver_membership_id, delegate_kind,
        delegate_organization_id, scope, place_paths, entitlements, permissions)
      select ${newId()}, kind, id, array_prepend(id, chain), ${world.people.northManager.userId}, ${member('northManager')}, 'organization',
        ${at('acmeNorthSite')}, ${JSON.stringify([{ places: [{ ...world.organizations.acmeNorthSite, below: true }] }])}::jsonb,
        '{r.1.1.1}', entitlements, permissions from delegation where id = ${relation}`.execute(world.db);
    await sql`update assignment set starts_at = '-infinity'`.execute(world.db);
    const held = async () =>
      (await world.as('owner', 'access.of', { membershipId: member('siteMember') })).items.map(
        ({ held, stoppedBy }) => ({ held, stoppedBy }),
      );
    const give = () =>
      world.as('owner', 'assignment.grant', {
        membershipIds: [member('siteMember')],
        entitlementIds: [world.entitlements.partsBuyer],
      });
    expect(await held()).toEqual([{ held: true, stoppedBy: null }]);
    await lapse();
    expect(await held()).toEqual([{ held: false, stoppedBy: 'ceiling' }]);
    await expect(give()).rejects.toMatchObject({ code: expect.stringContaining('ceiling') });
  });

  it('is resigned by its holder alone, and the relation by nobody', async () => {
    const id = await passOn();
    await expect(world.as('northManager', 'delegation.resign', { delegationId: relation })).rejects.toEqual(
      refused('not-found'),
    );
    await expect(world.as('northManager', 'delegation.resign', { delegationId: id })).rejects.toEqual(
      refused('not-found'),
    );
    expect((await world.as('siteMember', 'delegation.resign', { delegationId: id })).state).toBe('ended');
  });
});

describe("a deputy's link", () => {
  const name = async (): Promise<string> => {
    const id = newId();
    await sql`insert into delegation (id, kind, delegate_kind, delegate_user_id, delegate_membership_id, giver_user_id, giver_membership_id,
        scope, place_paths, entitlements, permissions)
      select ${id}, 'approve', 'user', ${world.people.betaMember.userId}, ${member('betaMember')}, ${world.people.acmeManager.userId},
        ${member('acmeManager')}, scope, place_paths, entitlements, '{request.decide}'
      from delegation where id = ${world.delegations.acmeManager}`.execute(world.db);
    return id;
  };
  const mine = async () => (await world.as('betaMember', 'delegation.mine', {})).received;

  it('is in force until it is paused, and tells for whom', async () => {
    const id = await name();
    expect(await mine()).toMatchObject([
      {
        id,
        effective: true,
        stop: null,
        sentence: expect.stringMatching(/^You may decide for acmeManager, about/),
      },
    ]);
    await sql`update delegation set state = 'paused' where id = ${id}`.execute(world.db);
    expect(await mine()).toMatchObject([{ id, effective: false, stop: { reason: 'paused', own: true } }]);
  });

  it('is no delegation that others look up', async () => {
    const delegationId = await name();
    for (const person of ['owner', 'acmeManager'] as const)
      await expect(world.as(person, 'delegation.read', { delegationId })).rejects.toEqual(
        refused('not-found'),
      );
  });
});
