import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { databaseNow, passTime } from '../../src/platform/clock.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { makeWorld, type Person, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Kind = NonNullable<Input<'attention.list'>['kind']>;
const list = (kind: Kind, as: PersonName = 'owner', more: Partial<Input<'attention.list'>> = {}) =>
  world.as(as, 'attention.list', { kind, ...more });
const names = async (kind: Kind, as: PersonName = 'owner') =>
  (await list(kind, as)).items.map(({ organization }) => organization.name).sort();
const signedIn = ({ userId }: Person) =>
  sql`insert into event (id, type, operation, actor_kind, actor_id, target_kind, subject_id)
    values (gen_random_uuid(), 'session.created', 'session.create', 'user', ${userId}, 'session', ${userId})`.execute(
    world.db,
  );

describe('what a power user should look at', () => {
  it('names partners whose manager never signed in, with one manager, and with none', async () => {
    // acme has two managers, acme-2 one; beta has no standing delegation, so it is no partner.
    expect(await names('never-signed-in')).toEqual(['acme', 'acme2']);
    await signedIn(world.people.acmePeer);
    expect(await names('never-signed-in')).toEqual(['acme2']);
    expect(await names('one-manager')).toEqual(['acme2']);
    expect(await names('no-manager')).toEqual([]);
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acme2Manager });
    expect(await names('no-manager')).toEqual(['acme2']);
    expect(await names('one-manager')).toEqual([]);
    // Somebody invited to manage it is on the way, and has not signed in yet.
    await world.as('owner', 'invitation.create', {
      organizationId: world.organizations.acme2.id,
      people: [{ email: 'new.manager@example.org', displayName: 'New Manager' }],
      manager: { adminRoleId: adminRoleId('delegated-manager'), entitlements: 'same', mayPassOn: 0 },
    });
    expect(await names('no-manager')).toEqual([]);
    expect(await names('never-signed-in')).toEqual(['acme2']);
    const { counts } = await list('no-manager');
    expect(counts).toContainEqual({ kind: 'never-signed-in', count: 1, more: false });
    expect(counts).toContainEqual({ kind: 'no-manager', count: 0, more: false });
  });

  it('names delegations that nobody acted under for 90 days, and those that end soon', async () => {
    expect((await list('unused-delegation')).items).toEqual([]);
    await passTime(world.db, 91 * 86_400);
    const unused = async (as: PersonName = 'owner') =>
      (await list('unused-delegation', as)).items.map(({ personName }) => personName);
    const before = await unused();
    expect(before).toContain('northManager');
    expect(before).toContain('acmePeer');
    await world.as('acmePeer', 'membership.update', {
      membershipId: world.people.southMember.membershipId,
      title: 'Fitter',
    });
    expect(await unused()).toEqual(before.filter((name) => name !== 'acmePeer'));
    await passTime(world.db, 91 * 86_400);
    const again = (await list('unused-delegation')).items.find(({ personName }) => personName === 'acmePeer');
    expect(again!.since).not.toBeNull();
    expect((await unused('acmeManager')).sort()).toEqual(
      before.filter((name) => /^(acme|north)/.test(name!) && !name!.startsWith('acme2')).sort(),
    );

    const until = new Date((await databaseNow(world.db)).getTime() + 5 * 86_400_000).toISOString();
    await world.as('owner', 'delegation.narrow', { delegationId: world.delegations.acme2Manager, until });
    const soon = (await list('expiring-delegation')).items;
    expect(soon).toMatchObject([
      { personName: 'acme2Manager', since: until, organization: { name: 'acme2' } },
    ]);
    expect((await list('expiring-delegation', 'acmeManager')).items).toEqual([]);
  });

  it('pages, and stays within the reach of the reader', async () => {
    await passTime(world.db, 91 * 86_400);
    const whole = (await list('unused-delegation')).items;
    const paged = [];
    for (let cursor: string | undefined; ; ) {
      const page = await list('unused-delegation', 'owner', { limit: 2, ...(cursor ? { cursor } : {}) });
      paged.push(...page.items);
      cursor = page.next;
      if (!cursor) break;
    }
    expect(paged).toEqual(whole);
    expect(whole.length).toBeGreaterThan(4);
    expect(await names('never-signed-in', 'acmeManager')).toEqual(['acme']);
    expect(await names('never-signed-in', 'northManager')).toEqual([]);
    await expect(list('one-manager', 'acmeHelpDesk')).rejects.toMatchObject({ code: 'not-permitted' });
  });
});
