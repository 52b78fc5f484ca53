import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { adminRoleId, type Permission } from '../../src/authority/permissions.ts';
import { hashKey } from '../../src/delegation/clients.ts';
import { run } from '../../src/operation/pipeline.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import type { Input, OperationName } from '../../src/server/operations.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type Person, type PersonName, type World } from '../harness/world.ts';

/** Nobody is their own second person: not by somebody they brought or reset, and not by a key of theirs (I02, I32). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const member = (person: PersonName) => world.people[person].membershipId;
const askFor = (who: PersonName, membershipId: string, role: 'partsBuyer' | 'notesReader' = 'partsBuyer') =>
  world.as(who, 'request.create', { entitlementId: world.entitlements[role], membershipId });
const decide = (who: PersonName | Person, requestId: string) =>
  world.as(who, 'request.decide', { requestId, approve: true });
const inbox = async (who: PersonName | Person) =>
  (await world.as(who, 'request.list', { box: 'inbox' })).items.map(({ requestId }) => requestId);

describe('whose sign-in the asker reset', () => {
  it('is no second person, wherever it is asked: the decision, the inbox, who is said to decide', async () => {
    await world.as('acmeManager', 'credential.recover', { membershipId: member('acmePeer') });
    const { requestId, whoDecides } = await askFor('acmeManager', member('acmeMember'), 'notesReader');
    expect(whoDecides.level).toBe('above');
    expect(await inbox('acmePeer')).toEqual([]);
    await expect(decide('acmePeer', requestId)).rejects.toEqual(refusal('request.not-independent'));
    expect(await inbox('owner')).toEqual([requestId]);
    await decide('owner', requestId);
  });

  it('by a printed code, too', async () => {
    await world.as('acmeManager', 'credential.reset', { membershipId: member('acmeApplicationManager') });
    const { requestId } = await askFor('acmeManager', member('acmeMember'));
    await expect(decide('acmeApplicationManager', requestId)).rejects.toEqual(
      refusal('request.not-independent'),
    );
    const others = await askFor('acmePeer', member('northMember'));
    await decide('acmeApplicationManager', others.requestId);
  });

  it('decides what others ask for, and so does whoever recovered by themselves', async () => {
    await world.as('acmeManager', 'credential.recover', { membershipId: member('acmePeer') });
    await run(world.services, operations['recovery.start'], {
      credential: { kind: 'none' },
      input: { email: 'acmemanager@example.org' },
      requestId: 'test',
      caller: { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined },
    });
    const others = await askFor('northMember', member('northMember'));
    await decide('acmePeer', others.requestId);
    const byPeer = await askFor('acmePeer', member('acmeMember'));
    await decide('acmeManager', byPeer.requestId);
  });

  it('and whoever the asker enrolled is none either', async () => {
    const enrolled = await world.as('acmeManager', 'user.enrol', {
      organizationId: world.organizations.acme.id,
      userName: 'ann',
      displayName: 'Ann',
    });
    const ann: Person = { ...enrolled, name: 'Ann' };
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acme.id,
      delegate: { membershipId: ann.membershipId },
      adminRoleId: adminRoleId('delegated-manager'),
    });
    const { requestId } = await askFor('acmeManager', member('acmeMember'));
    await expect(decide(ann, requestId)).rejects.toEqual(refusal('request.not-independent'));
    const others = await askFor('northMember', member('northMember'));
    await decide(ann, others.requestId);
  });
});

describe('a key', () => {
  const makeKey = async (permissions: Permission[]) => {
    const { key, delegationId } = await world.as('acmeManager', 'client.create', {
      organizationId: world.organizations.acme.id,
      name: 'feed',
      permissions,
      entitlements: { applicationIds: [world.applications.parts] },
    });
    const use = <N extends OperationName>(name: N, input: Input<N>) =>
      world.as('acmeMember', name, input, { credential: { kind: 'key', keyHash: hashKey(key) } });
    return { use, delegationId: delegationId! };
  };

  it('decides nothing, whoever asked: a decision is a person’s (I33)', async () => {
    const { use } = await makeKey(['request.decide', 'access.grant', 'user.read']);
    const asked = [
      await askFor('acmeManager', member('acmeManager')),
      await askFor('acmeManager', member('acmeMember')),
      await askFor('northMember', member('northMember')),
    ];
    for (const { requestId } of asked)
      await expect(use('request.decide', { requestId, approve: true })).rejects.toEqual(
        refusal('auth.user-only'),
      );
  });

  it('does nothing to its maker that they may not do to themselves', async () => {
    const { use } = await makeKey([
      'access.grant',
      'access.end',
      'user.read',
      'user.invite',
      'membership.update',
      'membership.suspend',
      'membership.end',
      'organization.read',
    ]);
    const give = (name: PersonName) =>
      use('assignment.grant', {
        membershipIds: [member(name)],
        entitlementIds: [world.entitlements.partsBuyer],
      });
    await expect(give('acmeManager')).rejects.toEqual(refusal('user.self'));
    expect((await give('acmeMember')).results[0]!.ok).toBe(true);
    const everybody = use('assignment.grant', {
      organizationId: world.organizations.acme.id,
      entitlementIds: [world.entitlements.partsBuyer],
    });
    await expect(everybody).rejects.toEqual(refusal('user.self'));
    const below = await use('assignment.grant', {
      organizationId: world.organizations.acmeNorth.id,
      entitlementIds: [world.entitlements.partsBuyer],
    });
    expect(below.results[0]!.ok).toBe(true);
    const title = (name: PersonName) =>
      use('membership.update', { membershipId: member(name), title: 'Head of everything' });
    await expect(title('acmeManager')).rejects.toEqual(refusal('user.self'));
    await title('acmeMember');
    const invite = (email: string) =>
      use('invitation.create', {
        organizationId: world.organizations.acmeNorth.id,
        people: [{ email }],
      });
    expect((await invite('acmemanager@example.org')).results[0]!.refusal?.code).toBe('user.self');
    expect((await invite('somebody@example.org')).results[0]!.refusal).toBeUndefined();
  });

  it('offers no more, when its invitation is accepted, than its link gives by then (I01)', async () => {
    const { use, delegationId } = await makeKey(['user.invite', 'access.grant', 'organization.read']);
    const invite = async (email: string) => {
      const { results } = await use('invitation.create', {
        organizationId: world.organizations.acmeNorth.id,
        people: [{ email, displayName: 'New Person' }],
        entitlementIds: [world.entitlements.partsBuyer],
      });
      return await makeLinkSecret(world.db, 'invitation', results[0]!.invitationId!, 3600);
    };
    const accept = async (token: string) => {
      const { output } = await run(world.services, operations['invitation.accept'], {
        credential: { kind: 'none' },
        input: { token, password: 'a walrus in the garden' },
        requestId: 'test',
        caller: { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined },
      });
      return holds(world.db, output.membershipId, world.entitlements.partsBuyer);
    };
    const [first, second] = [await invite('one@example.org'), await invite('two@example.org')];
    expect(await accept(first)).toBe(true);
    await world.as('acmeManager', 'delegation.narrow', {
      delegationId,
      entitlements: { applicationIds: [], entitlementIds: [] },
    });
    expect(await accept(second)).toBe(false);
  });
});
