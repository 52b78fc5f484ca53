import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWorld, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const events = async (): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from event`.execute(world.db);
  return rows[0]!.n;
};
const give = (key: string, entitlementId = world.entitlements.partsBuyer) =>
  world.as(
    'acmeManager',
    'assignment.grant',
    { membershipIds: [world.people.acmeMember.membershipId], entitlementIds: [entitlementId] },
    { idempotencyKey: key },
  );

it('has one effect for one key and body, and refuses another body (I58)', async () => {
  const first = await give('k1');
  const before = await events();
  expect(await give('k1')).toEqual(first);
  expect(await events()).toBe(before);
  await expect(give('k1', world.entitlements.notesReader)).rejects.toMatchObject({
    code: 'idempotency.other-body',
  });
  expect((await give('k2', world.entitlements.notesReader)).results[0]!.changed).toBe(true);
});

it('decides the answer anew for the caller of now (I58)', async () => {
  await give('k1');
  await world.as('owner', 'delegation.end', { delegationId: world.delegations.acmeStanding });
  await expect(give('k1')).rejects.toMatchObject({ code: 'not-permitted' });
});

it('keeps nothing of what was refused, so that the key can be used again (I57)', async () => {
  await expect(give('k1', world.entitlements.ledgerClerk)).rejects.toMatchObject({ kind: 'absent' });
  expect((await give('k1')).results[0]!.ok).toBe(true);
});

it('decides anew what an operation decides within, too (I58)', async () => {
  const inNorth = () =>
    world.as(
      'acmeManager',
      'assignment.grant',
      {
        membershipIds: [world.people.northMember.membershipId],
        entitlementIds: [world.entitlements.partsBuyer],
      },
      { idempotencyKey: 'north' },
    );
  const first = await inNorth();
  expect(await inNorth()).toEqual(first);
  // They may still give access, but not there.
  await world.as('owner', 'delegation.narrow', {
    delegationId: world.delegations.acmeManager,
    holes: [{ organizationId: world.organizations.acmeNorth.id }],
  });
  await expect(inNorth()).rejects.toMatchObject({ kind: 'absent' });
});
