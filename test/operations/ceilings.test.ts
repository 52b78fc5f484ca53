import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Permission } from '../../src/authority/permissions.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** One ceiling for every path: what somebody sees but may not give is not given through a bundle, nor where all is off. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const at = (name: keyof World['organizations']) => world.organizations[name].id;
const member = (name: PersonName) => world.people[name].membershipId;
const refused = (code: string) => expect.objectContaining({ code });
const give = (
  to: PersonName,
  place: keyof World['organizations'],
  below: boolean,
  permissions: Permission[],
) =>
  world.as('owner', 'delegation.create', {
    organizationId: at(place),
    below,
    delegate: { membershipId: member(to) },
    permissions,
    entitlements: { applicationIds: [world.applications.parts] },
  });

describe('an access role', () => {
  const configure: Permission[] = [
    'organization.read',
    'user.read',
    'access.read',
    'application.read',
    'access-role.configure',
    'access.grant',
    'access.end',
  ];

  it('holds nothing that its maker sees but may not give (I01)', async () => {
    const { id } = await give('acmeMember', 'acme', true, configure);
    const seeing = await give('acmeMember', 'root', true, ['application.read', 'organization.read']);
    const make = (entitlement: keyof World['entitlements']) =>
      world.as('acmeMember', 'access-role.create', {
        organizationId: at('acme'),
        name: `Bundle of ${entitlement}`,
        entitlementIds: [world.entitlements[entitlement]],
      });
    await expect(make('ledgerClerk')).rejects.toEqual(refused('not-permitted'));
    await expect(make('partsViewer')).resolves.toBeTruthy();
    for (const delegationId of [id, seeing.id]) await world.as('owner', 'delegation.end', { delegationId });
  });

  it('is not enlarged for somebody whom its editor cannot give it (ruling 7)', async () => {
    const made = await world.as('owner', 'access-role.create', {
      organizationId: at('acme'),
      name: 'Viewing',
      entitlementIds: [world.entitlements.partsViewer],
    });
    const { id } = await give('acmeMember', 'acme', false, configure);
    const edit = () =>
      world.as('acmeMember', 'access-role.update', {
        accessRoleId: made.id,
        entitlementIds: [world.entitlements.partsViewer, world.entitlements.partsBuyer],
      });
    await world.as('owner', 'assignment.grant', {
      membershipIds: [member('northMember')],
      accessRoleIds: [made.id],
    });
    await expect(edit()).rejects.toEqual(refused('not-permitted'));
    await world.as('owner', 'delegation.end', { delegationId: id });
  });
});

describe('a suspended organization', () => {
  it('takes nobody in, there or below, whoever invites (I19)', async () => {
    await world.as('owner', 'organization.suspend', { organizationId: at('acme2') });
    for (const place of ['acme2', 'acme2North'] as const)
      await expect(
        world.as('owner', 'invitation.create', {
          organizationId: at(place),
          people: [{ email: `someone@${place.toLowerCase()}.example` }],
        }),
      ).rejects.toEqual(
        expect.objectContaining({ code: expect.stringMatching(/organization.off|not-permitted/) }),
      );
    await world.as('owner', 'organization.resume', { organizationId: at('acme2') });
  });
});
