import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { databaseNow, passTime } from '../../src/platform/clock.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const member = (person: PersonName) => world.people[person].membershipId;
const events = async (type: string) =>
  (
    await sql<{ targetId: string; operation: string; delegations: string[] }>`
      select target_id as "targetId", operation, delegations from event where type = ${type} order by position`.execute(
      world.db,
    )
  ).rows;

/** acme's manager gives access, then at some hour two delegations (one is passed on), access and an invitation. */
async function give() {
  const { acmeNorth, acmeNorthSite, acmeSouth } = world.organizations;
  const { partsViewer, partsBuyer } = world.entitlements;
  const grant = async (person: PersonName, entitlementId: string): Promise<void> => {
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member(person)],
      entitlementIds: [entitlementId],
    });
  };
  await grant('southMember', partsViewer);
  await passTime(world.db, 3600);
  const since = (await databaseNow(world.db)).toISOString();
  await passTime(world.db, 60);
  const north = await world.as('acmeManager', 'delegation.create', {
    organizationId: acmeNorth.id,
    delegate: { membershipId: member('northMember') },
    adminRoleId: adminRoleId('delegated-manager'),
    mayPassOn: 1,
  });
  const site = await world.as('northMember', 'delegation.create', {
    organizationId: acmeNorthSite.id,
    delegate: { membershipId: member('siteMember') },
    adminRoleId: adminRoleId('help-desk'),
  });
  await grant('southMember', partsBuyer);
  await world.as('acmeManager', 'invitation.create', {
    organizationId: acmeSouth.id,
    people: [{ email: 'late@example.org', displayName: 'Late Comer' }],
  });
  await passTime(world.db, 60);
  return { since, north: north.id, site: site.id };
}

describe('taking back what somebody gave since a date', () => {
  it('ends what was given since then and stands, after a preview that says the same, one event each', async () => {
    const { since, north, site } = await give();
    await world.as('owner', 'membership.end', { membershipId: member('acmeManager') });
    const input = { membershipId: member('acmeManager'), since };
    const preview = await world.as('owner', 'delegation.take-back-preview', input);
    expect(preview.ends.map(({ kind, who }) => [kind, who])).toEqual([
      ['delegation', 'northMember'],
      ['access', 'southMember'],
      ['invitation', 'Late Comer'],
    ]);
    expect(preview).toMatchObject({ left: [], stopsBelow: 1, more: false });
    expect((await world.as('siteMember', 'user.list', {})).items.length).toBeGreaterThan(0);
    const measured = await world.as('owner', 'change.preview', { operation: 'delegation.take-back', input });
    expect(JSON.stringify(measured.loses)).toContain('siteMember');
    await expect(
      world.as(
        'owner',
        'delegation.take-back',
        { ...input, since: '2000-01-01T00:00:00Z' },
        { ifPreview: measured.token },
      ),
    ).rejects.toMatchObject({ code: 'preview.stale' });
    const since0 = (await events('delegation.ended')).length;
    expect(await world.as('owner', 'delegation.take-back', input, { ifPreview: measured.token })).toEqual(
      preview,
    );
    expect((await events('delegation.ended')).slice(since0)).toMatchObject([
      { targetId: north, operation: 'delegation.take-back' },
    ]);
    expect(await events('invitation.revoked')).toHaveLength(1);
    expect(
      (await events('assignment.ended')).filter(({ operation }) => operation === 'delegation.take-back'),
    ).toHaveLength(1);
    // In force at the next request, for what was passed on from it too; what was given before stands.
    for (const person of ['northMember', 'siteMember'] as const)
      await expect(world.as(person, 'user.list', {})).rejects.toMatchObject({ code: 'not-permitted' });
    await passTime(world.db, 60);
    expect(await holds(world.db, member('southMember'), world.entitlements.partsViewer)).toBe(true);
    expect(await holds(world.db, member('southMember'), world.entitlements.partsBuyer)).toBe(false);
    const { rows } = await sql<{ state: string }>`select state from delegation where id = ${site}`.execute(
      world.db,
    );
    expect(rows[0]!.state).toBe('active');
    // The receipt tells what ended with it.
    const receipt = await world.as('owner', 'delegation.receipt', { delegationId: north });
    expect(receipt.delegations.map(({ id }) => id)).toEqual([site]);
    expect(await world.as('owner', 'delegation.take-back', input)).toMatchObject({ ends: [] });
  });

  it('ends only what the doer may, and lists the rest', async () => {
    const { since, north } = await give();
    const input = { membershipId: member('acmeManager'), since };
    // A peer holds no link above, and may take access and invitations of the place away.
    const done = await world.as('acmePeer', 'delegation.take-back', input);
    expect(done.ends.map(({ kind }) => kind)).toEqual(['access', 'invitation']);
    expect(done.left).toMatchObject([{ kind: 'delegation', id: north }]);
    expect((await world.as('northMember', 'user.list', {})).items.length).toBeGreaterThan(0);
    const again = await world.as('acmePeer', 'delegation.take-back', input);
    expect(again.ends).toEqual([]);
  });

  it('neither lists nor takes what lies outside the doer’s reach', async () => {
    const { since } = await give();
    const { acme2 } = world.organizations;
    const other = await world.as('owner', 'delegation.create', {
      organizationId: acme2.id,
      delegate: { membershipId: member('acme2Member') },
      adminRoleId: adminRoleId('help-desk'),
    });
    await sql`update delegation set giver_user_id = ${world.people.acmeManager.userId}, giver_membership_id = ${member('acmeManager')}
      where id = ${other.id}`.execute(world.db);
    const input = { membershipId: member('acmeManager'), since };
    const seen = await world.as('acmePeer', 'delegation.take-back-preview', input);
    expect(JSON.stringify(seen)).not.toContain(other.id);
    expect(JSON.stringify(await world.as('owner', 'delegation.take-back-preview', input))).toContain(
      other.id,
    );
    for (const who of ['acme2Manager', 'northManager'] as const)
      await expect(world.as(who, 'delegation.take-back', input)).rejects.toMatchObject({ code: 'not-found' });
    await expect(world.as('acmeHelpDesk', 'delegation.take-back', input)).rejects.toMatchObject({
      code: 'not-permitted',
    });
    await expect(world.as('acmeManager', 'delegation.take-back', input)).rejects.toMatchObject({
      code: 'user.self',
    });
  });
});

describe('the API keys of a leaver', () => {
  it('are shown before, and end with the leaver when asked to', async () => {
    const key = await world.as('acmeManager', 'client.create', {
      organizationId: world.organizations.acme.id,
      name: 'feed',
      permissions: ['user.read'],
    });
    const other = await world.as('acmePeer', 'client.create', {
      organizationId: world.organizations.acme.id,
      name: 'of the peer',
      permissions: ['user.read'],
    });
    const input = { membershipId: member('acmeManager') };
    const { keys } = await world.as('owner', 'membership.end-preview', input);
    expect(keys).toEqual([{ clientId: key.id, name: 'feed', organizationName: 'acme', mayEnd: true }]);
    // A peer sees the key and holds nothing above it.
    expect((await world.as('acmePeer', 'membership.end-preview', input)).keys).toMatchObject([
      { mayEnd: false },
    ]);
    await expect(
      world.as('owner', 'membership.end', { ...input, lastDay: '2090-01-01', endKeys: true }),
    ).rejects.toMatchObject({ code: 'input.invalid' });
    await world.as('owner', 'membership.end', { ...input, endKeys: true });
    const { rows } = await sql<{ id: string; state: string; link: string }>`
      select c.id, c.state, d.state as link from client c join delegation d on d.delegate_client_id = c.id`.execute(
      world.db,
    );
    expect(rows.find(({ id }) => id === key.id)).toMatchObject({ state: 'ended', link: 'ended' });
    expect(rows.find(({ id }) => id === other.id)).toMatchObject({ state: 'active', link: 'active' });
    expect(await events('client.ended')).toMatchObject([{ targetId: key.id, operation: 'membership.end' }]);
  });

  it('go on when nobody asked', async () => {
    const key = await world.as('acmeManager', 'client.create', {
      organizationId: world.organizations.acme.id,
      name: 'feed',
      permissions: ['user.read'],
    });
    await world.as('acmePeer', 'membership.end', { membershipId: member('acmeManager'), endKeys: true });
    const { rows } = await sql<{ state: string }>`select state from client where id = ${key.id}`.execute(
      world.db,
    );
    expect(rows).toEqual([{ state: 'active' }]);
  });
});
