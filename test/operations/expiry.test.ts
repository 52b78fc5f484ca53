import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Credential } from '../../src/authority/facts.ts';
import { holds } from '../../src/authority/holds.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { hashKey } from '../../src/delegation/clients.ts';
import { run } from '../../src/operation/pipeline.ts';
import { databaseNow, passTime } from '../../src/platform/clock.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { hashSessionToken, idleSeconds, startSession } from '../../src/platform/sessions.ts';
import type { Input, OperationName } from '../../src/server/operations.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** No job, worker or sweeper runs here: what is over is refused at its next use all the same (I17, I20). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const hour = 3600;
const member = (person: PersonName) => world.people[person].membershipId;
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const inAnHour = async () => new Date((await databaseNow(world.db)).getTime() + hour * 1000).toISOString();
const call = <N extends OperationName>(name: N, input: Input<N>, credential: Credential) =>
  run(world.services, operations[name], {
    credential,
    input,
    requestId: 'test',
    caller: { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined },
  });

describe('with every job stopped', () => {
  it('a delegation ends by its hour, with what hangs below it', async () => {
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acmeSouth.id,
      delegate: { membershipId: member('southMember') },
      adminRoleId: adminRoleId('delegated-manager'),
      mayPassOn: 1,
      until: await inAnHour(),
    });
    const below = { userId: world.people.siteMember.userId, name: 'siteMember' };
    const inSouth = { ...below, membershipId: '' };
    const { rows } = await sql<{ id: string }>`
      insert into membership (id, user_id, organization_id, path, sort_name)
      values (gen_random_uuid(), ${below.userId}, ${world.organizations.acmeSouth.id}, ${world.organizations.acmeSouth.path}, 'site')
      returning id`.execute(world.db);
    inSouth.membershipId = rows[0]!.id;
    await world.as('southMember', 'delegation.create', {
      organizationId: world.organizations.acmeSouth.id,
      delegate: { membershipId: inSouth.membershipId },
      adminRoleId: adminRoleId('help-desk'),
    });
    await passTime(world.db, hour - 60);
    expect((await world.as('southMember', 'user.list', {})).items).toHaveLength(2);
    expect((await world.as(inSouth, 'user.list', {})).items).toHaveLength(2);
    await passTime(world.db, 61);
    for (const who of ['southMember', inSouth] as const)
      await expect(world.as(who, 'user.list', {})).rejects.toEqual(refusal('not-permitted'));
    expect((await world.as('acmeManager', 'user.list', {})).items.length).toBeGreaterThan(2);
  });

  it('an API key ends by its hour', async () => {
    const { key } = await world.as('acmeManager', 'client.create', {
      organizationId: world.organizations.acme.id,
      name: 'feed',
      permissions: ['user.read'],
      until: await inAnHour(),
    });
    const list = () => call('user.list', {}, { kind: 'key', keyHash: hashKey(key) });
    await passTime(world.db, hour - 60);
    await list();
    await passTime(world.db, 61);
    await expect(list()).rejects.toEqual(refusal('auth.required'));
  });

  it('a membership ends with its last day: acting, deciding for others, and access', async () => {
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('northManager')],
      entitlementIds: [world.entitlements.partsBuyer],
    });
    const today = (await databaseNow(world.db)).toISOString().slice(0, 10);
    await world.as('acmeManager', 'membership.update', {
      membershipId: member('northManager'),
      lastDay: new Date(Date.parse(today) + 3 * 86_400_000).toISOString().slice(0, 10),
    });
    const { rows } = await sql<{ left: number }>`
      select extract(epoch from ends_at - remit_now())::float as left from membership where id = ${member('northManager')}`.execute(
      world.db,
    );
    const has = () => holds(world.db, member('northManager'), world.entitlements.partsBuyer);
    await passTime(world.db, rows[0]!.left - 60);
    expect((await world.as('northManager', 'user.list', {})).items).toHaveLength(3);
    expect(await has()).toBe(true);
    await passTime(world.db, 61);
    await expect(world.as('northManager', 'user.list', {})).rejects.toEqual(refusal('not-permitted'));
    expect(await has()).toBe(false);
    const { rows: untouched } = await sql`
      select 1 from membership where id = ${member('northManager')} and state = 'active'`.execute(world.db);
    expect(untouched).toHaveLength(1);
  });

  it('a session ends when nobody uses it', async () => {
    const { userId, membershipId } = world.people.acmeManager;
    const { cookie } = await startSession(world.db, {
      userId,
      membershipId,
      caller: { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined },
    });
    const list = () => call('user.list', {}, { kind: 'session', tokenHash: hashSessionToken(cookie.value) });
    await passTime(world.db, idleSeconds - 60);
    await list();
    await passTime(world.db, 61);
    await expect(list()).rejects.toEqual(refusal('auth.required'));
  });

  it('an invitation ends with its last day', async () => {
    const invite = async (email: string) => {
      const { results } = await world.as('acmeManager', 'invitation.create', {
        organizationId: world.organizations.acmeNorth.id,
        people: [{ email, displayName: 'New Person' }],
      });
      return makeLinkSecret(world.db, 'invitation', results[0]!.invitationId!, 100 * 86_400);
    };
    const accept = (token: string) =>
      call('invitation.accept', { token, password: 'a walrus in the garden' }, { kind: 'none' });
    const [first, second] = [await invite('one@example.org'), await invite('two@example.org')];
    await passTime(world.db, 14 * 86_400 - 60);
    await accept(first);
    await passTime(world.db, 61);
    await expect(accept(second)).rejects.toEqual(refusal('invitation.expired'));
  });
});

describe('closing an organization', () => {
  it('stops chains, keys and requests that started there, and nothing beside it (I19)', async () => {
    const { acme, acme2 } = world.organizations;
    const makeKey = (by: PersonName, organizationId: string) =>
      world.as(by, 'client.create', { organizationId, name: 'feed', permissions: ['user.read'] });
    const inside = await makeKey('acmeManager', world.organizations.acmeNorth.id);
    const beside = await makeKey('acme2Manager', acme2.id);
    const asked = await world.as('northMember', 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
    });
    const besideAsked = await world.as('acme2Member', 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
    });
    await world.as('owner', 'organization.close', { organizationId: acme.id });

    const use = ({ key }: { key: string }) => call('user.list', {}, { kind: 'key', keyHash: hashKey(key) });
    await expect(use(inside)).rejects.toEqual(refusal('auth.required'));
    await use(beside);
    for (const who of ['acmeManager', 'northManager'] as const)
      await expect(world.as(who, 'user.list', {})).rejects.toEqual(refusal('not-permitted'));
    await world.as('acme2Manager', 'user.list', {});
    const decide = ({ requestId }: { requestId: string }) =>
      world.as('owner', 'request.decide', { requestId, approve: true });
    await expect(decide(asked)).rejects.toMatchObject({ name: 'Refusal' });
    await decide(besideAsked);

    // Reopened, nothing of it is back.
    await world.as('owner', 'organization.resume', { organizationId: acme.id });
    await expect(use(inside)).rejects.toEqual(refusal('auth.required'));
    await expect(decide(asked)).rejects.toEqual(refusal('request.decided'));
    const { rows } = await sql<{ id: string }>`
      select d.id from delegation d where d.state <> 'ended' and (d.place_paths[1] = ${acme.path}
        or d.place_paths[1] like ${`${acme.path}.%`} or d.chain && array[${world.delegations.acmeStanding}]::uuid[])`.execute(
      world.db,
    );
    expect(rows).toEqual([]);
  });
});
