import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Access that reached people by an edit, or a merger, of somebody who could not give it to them. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const at = (name: keyof World['organizations']) => world.organizations[name].id;
const member = (name: PersonName) => world.people[name].membershipId;
const refused = (code: string) => expect.objectContaining({ code });
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();

const editor = (given: object = {}, name: PersonName = 'acmeMember') =>
  world.as('owner', 'delegation.create', {
    organizationId: at('acme'),
    delegate: { membershipId: member(name) },
    permissions: [
      'organization.read',
      'organization.move',
      'organization.close',
      'user.read',
      'application.read',
      'access.grant',
      'access.end',
      'access-role.configure',
    ],
    ...given,
  } as never);

const bundle = () =>
  world.as('owner', 'access-role.create', {
    organizationId: at('acme'),
    name: 'Everyday',
    entitlementIds: [world.entitlements.partsViewer],
  } as never);

const addBuyer = (by: PersonName, accessRoleId: string) =>
  world.as(by, 'access-role.update', {
    accessRoleId,
    entitlementIds: [world.entitlements.partsViewer, world.entitlements.partsBuyer],
  } as never);

describe('whoever changes a bundle', () => {
  const byRule = (accessRoleId: string) =>
    sql`insert into access_rule (id, organization_id, access_role_id, below)
      values (${newId()}, ${at('acme')}, ${accessRoleId}, true)`.execute(world.db);

  it('gives to those who have it by a rule, too: what they could not give there, they do not (I01)', async () => {
    const { id } = await bundle();
    await byRule(id);
    await editor({ below: false }, 'betaMember');
    await expect(addBuyer('betaMember', id)).rejects.toEqual(refused('not-permitted'));
    expect(await holds(world.db, member('northMember'), world.entitlements.partsBuyer)).toBe(false);
    await expect(addBuyer('owner', id)).resolves.toBeTruthy();
    expect(await holds(world.db, member('northMember'), world.entitlements.partsBuyer)).toBe(true);
  });

  it('gives themselves nothing that a rule would give them by it (I02)', async () => {
    const { id } = await bundle();
    await byRule(id);
    await editor();
    await expect(addBuyer('acmeMember', id)).rejects.toEqual(refused('user.self'));
    expect(await holds(world.db, member('acmeMember'), world.entitlements.partsBuyer)).toBe(false);
  });

  it('gives nothing for longer than they may themselves (I01)', async () => {
    const { id } = await bundle();
    const give = (until?: string) =>
      world.as('owner', 'assignment.grant', {
        membershipIds: [member('northMember')],
        accessRoleIds: [id],
        ...(until ? { until } : {}),
      } as never);
    await give();
    await editor({ until: tomorrow() });
    await expect(addBuyer('acmeMember', id)).rejects.toEqual(refused('delegation.outside'));
    await sql`update assignment set ends_at = remit_now() + interval '1 hour'`.execute(world.db);
    await expect(addBuyer('acmeMember', id)).resolves.toBeTruthy();
  });
});

describe('whoever merges or moves an organization', () => {
  const give = (organization: 'acmeNorth' | 'acmeSouth') =>
    world.as('owner', 'assignment.grant', {
      organizationId: at(organization),
      entitlementIds: [world.entitlements.partsViewer],
    } as never);
  const merge = () =>
    world.as('betaMember', 'organization.merge', {
      organizationId: at('acmeNorth'),
      intoId: at('acmeSouth'),
    });
  const merger = (until?: string) =>
    editor(
      {
        permissions: [
          'organization.read',
          'organization.move',
          'organization.close',
          'user.read',
          'user.invite',
          'membership.end',
          'delegation.read',
          'delegation.create',
          'delegation.end',
          'access.read',
          'access.grant',
          'access.end',
          'credential.recover',
        ],
        mayPassOn: 3,
        ...(until ? { until } : {}),
      },
      'betaMember',
    );
  const untilWhen = async () => {
    const { rows } = await sql<{ ends: string }>`
      select ends_at::text as ends from assignment where organization_id = ${at('acmeSouth')} and state = 'active'`.execute(
      world.db,
    );
    return rows.map(({ ends }) => ends);
  };

  it('gives everybody there nothing for longer than they may (I01)', async () => {
    await give('acmeNorth');
    await sql`update delegation set state = 'ended', ended_at = remit_now() where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    await merger(tomorrow());
    expect(await merge()).toMatchObject({ assignments: 0, assignmentsEnded: 1 });
    expect(await untilWhen()).toEqual([]);
  });

  it('brings nobody to what everybody there has for longer', async () => {
    await give('acmeSouth');
    await sql`update delegation set state = 'ended', ended_at = remit_now() where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    await merger(tomorrow());
    const before = await world.db.selectFrom('organization').selectAll().execute();
    await expect(merge()).rejects.toEqual(refused('organization.move-gains'));
    expect(await world.db.selectFrom('organization').selectAll().execute()).toEqual(before);
  });

  it('does both with what they have for good', async () => {
    await give('acmeNorth');
    await sql`update delegation set state = 'ended', ended_at = remit_now() where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    await merger();
    expect(await merge()).toMatchObject({ assignments: 1, assignmentsEnded: 0 });
    expect(await untilWhen()).toEqual(['infinity']);
  });
});
