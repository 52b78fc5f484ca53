import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workRun } from '../../src/enrolment/sources/work.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** What a source may not do, whoever saves it and whatever its directory says. Nothing here answers: no directory is needed. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

type As = Parameters<World['as']>[0];
let names = 0;
const create = (as: As, more: Partial<Input<'source.create'>> = {}) => {
  names += 1;
  return world.as(as, 'source.create', {
    organizationId: world.organizations.acme.id,
    name: `source ${names}`,
    make: 'ldap',
    settings: { host: '127.0.0.1', account: 'cn=remit,dc=example', security: 'tls', trust: '' },
    password: 'Canary-Of-A-Source-1',
    base: 'ou=people,dc=example',
    objectClass: 'person',
    columns: { name: 'cn' },
    places: { from: 'source' },
    gives: [],
    everyMinutes: 60,
    wholeHours: 24,
    brake: { atLeast: 1, share: 0.1 },
    ...more,
  });
};
const below = (organizationId: string): Input<'source.create'>['places'] => ({
  from: 'map',
  map: [{ below: 'ou=x,dc=example', organizationId }],
});

describe('a source', () => {
  it('names no organization outside its own, seen or not', async () => {
    const { acme2, root, acmeNorth } = world.organizations;
    for (const { id } of [acme2, root])
      await expect(create('acmeManager', { places: below(id) })).rejects.toMatchObject({ code: 'not-found' });
    await expect(create('owner', { places: below(acme2.id) })).rejects.toMatchObject({
      code: 'source.outside',
    });
    const { sourceId } = await create('acmeManager', { places: below(acmeNorth.id) });
    await expect(
      world.as('owner', 'source.update', { sourceId, places: below(acme2.id) }),
    ).rejects.toMatchObject({ code: 'source.password-again' });
    await expect(
      world.as('owner', 'source.update', { sourceId, places: below(acme2.id), password: 'Another-Word-2' }),
    ).rejects.toMatchObject({ code: 'source.outside' });
    await expect(create('northManager')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('gives nothing that whoever saves it could not give', async () => {
    const role = await world.as('owner', 'access-role.create', {
      organizationId: world.organizations.root.id,
      name: 'Clerks',
      description: '',
      entitlementIds: [world.entitlements.ledgerClerk],
    });
    const group = 'cn=clerks,dc=example';
    await expect(create('acmeManager', { gives: [{ group, accessRoleId: role.id }] })).rejects.toMatchObject({
      code: 'not-found',
    });
    const there = await world.as('owner', 'group.create', {
      organizationId: world.organizations.acme2.id,
      name: 'There',
      description: '',
    });
    await expect(create('acmeManager', { gives: [{ group, groupId: there.id }] })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(create('owner', { gives: [{ group, groupId: there.id }] })).rejects.toMatchObject({
      code: 'source.outside',
    });
    await expect(
      create('acmeManager', { columns: { name: 'cn', accessRole: 'title' } }),
    ).rejects.toMatchObject({
      code: 'input.invalid',
    });
  });

  it('keeps its password to the place that it was given for, and shows it to nobody', async () => {
    const made = await create('acmeManager');
    expect(JSON.stringify(made)).not.toContain('Canary');
    const { sourceId, settings } = made;
    for (const moved of [{ host: 'ldap.evil.example' }, { port: 1636 }, { account: 'cn=other,dc=example' }])
      await expect(
        world.as('acmePeer', 'source.update', { sourceId, settings: { ...settings, ...moved } }),
      ).rejects.toMatchObject({ code: 'target.secrets-again' });
    const { rows } = await sql<{ text: string }>`
      select (select string_agg(s::text, '') from source s) || (select string_agg(e::text, '') from event e) as text`.execute(
      world.db,
    );
    expect(rows[0]!.text).not.toContain('Canary');
  });

  it('does nothing for somebody who lost the power, and says so', async () => {
    const { sourceId } = await create('acmePeer');
    await world.as('acmePeer', 'source.activate', { sourceId });
    await sql`update delegation set state = 'ended', ended_at = remit_now() where id = ${world.delegations.acmePeer}`.execute(
      world.db,
    );
    const { sourceRunId } = await world.as('acmeManager', 'source.read-now', {
      sourceId,
      changesOnly: false,
    });
    await workRun(world.services, sourceRunId);
    const run = await world.as('acmeManager', 'source-run.read', { sourceRunId });
    expect(run.state).toBe('failed');
    expect(run.problem).toBeTruthy();
    // The address was not even called: that would be another sentence.
    expect(run.problem).not.toContain('connections to that address');
    // Whoever renames it does not answer for it; whoever says what it reads does.
    await world.as('acmeManager', 'source.update', { sourceId, name: 'renamed' });
    expect((await world.as('acmeManager', 'source.read', { sourceId })).answers).toBe('acmePeer');
    const others = { sourceId, base: 'ou=others,dc=example' };
    await expect(world.as('acmeManager', 'source.update', others)).rejects.toMatchObject({
      code: 'source.password-again',
    });
    await world.as('acmeManager', 'source.update', { ...others, password: 'Canary-Of-A-Source-2' });
    expect((await world.as('acmeManager', 'source.read', { sourceId })).answers).toBe('acmeManager');
  });

  it('asks only those who may end the person, and nobody about themselves', async () => {
    const { sourceId } = await create('acmeManager');
    const propose = async (membershipId: string): Promise<string> => {
      const id = newId();
      await sql`insert into proposal (id, source_id, membership_id, why) values (${id}, ${sourceId}, ${membershipId}, 'missing')`.execute(
        world.db,
      );
      return id;
    };
    const south = await propose(world.people.southMember.membershipId);
    const north = await propose(world.people.northMember.membershipId);
    const own = await propose(world.people.acmeManager.membershipId);
    const seen = async (as: As): Promise<string[]> =>
      (await world.as(as, 'proposal.list', { sourceId, limit: 50 })).items.map(
        ({ proposalId }) => proposalId,
      );
    expect(await seen('northManager')).toEqual([north]);
    expect((await seen('acmeManager')).sort()).toEqual([south, north].sort());
    for (const as of ['northManager', 'acme2Manager'] as const)
      await expect(world.as(as, 'proposal.settle', { proposalId: south, how: 'keep' })).rejects.toMatchObject(
        { code: 'not-found' },
      );
    await expect(
      world.as('acmeManager', 'proposal.settle', { proposalId: own, how: 'keep' }),
    ).rejects.toMatchObject({ code: 'user.self' });
    await world.as('northManager', 'proposal.settle', { proposalId: north, how: 'suspend' });
    const { rows } = await sql<{ state: string }>`
      select state from membership where id = ${world.people.northMember.membershipId}`.execute(world.db);
    expect(rows[0]!.state).toBe('suspended');
  });
});
