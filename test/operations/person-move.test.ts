import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { passTime } from '../../src/platform/clock.ts';
import { addMembership, makeWorld, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const member = () => world.people.southMember.membershipId;
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const north = () => world.organizations.acmeNorth.id;
const rows = async () =>
  (
    await sql<{ id: string; organizationId: string; state: string; lastDay: string | null; home: string }>`
      select m.id, m.organization_id as "organizationId", m.state, m.last_day as "lastDay", u.home_organization_id as home
      from membership m join app_user u on u.id = m.user_id where u.id = ${world.people.southMember.userId} order by m.created_at, m.id`.execute(
      world.db,
    )
  ).rows;

it('shows beforehand what ends, what the new place gives again, and what is new', async () => {
  const { partsBuyer, partsViewer, notesReader } = world.entitlements;
  const give = (whom: { membershipIds: string[] } | { organizationId: string }, entitlementIds: string[]) =>
    world.as('acmeManager', 'assignment.grant', { ...whom, entitlementIds });
  await give({ membershipIds: [member()] }, [partsBuyer]);
  await give({ organizationId: world.organizations.acmeSouth.id }, [partsViewer]);
  await give({ organizationId: north() }, [partsViewer, notesReader]);
  await passTime(world.db, 11);
  const input = { membershipId: member(), organizationId: north() };
  const preview = await world.as('acmeManager', 'change.preview', { operation: 'membership.move', input });
  const told = (access: { entitlementId: string; name: string; organizationName: string }[]) =>
    access.map(({ entitlementId, name, organizationName }) => [entitlementId, name, organizationName]);
  expect(told(preview.loses.access)).toEqual([[partsBuyer, 'southMember', 'acmeSouth']]);
  expect(told(preview.gains.access)).toEqual([[notesReader, 'southMember', 'acmeNorth']]);
  expect(told(preview.stays.access)).toEqual([[partsViewer, 'southMember', 'acmeNorth']]);
  expect(preview).toMatchObject({
    outside: false,
    counts: { stays: { people: 1, access: 1 }, loses: { access: 1 } },
  });
  // What was shown is what is done, though each run makes another place.
  const moved = await world.as('acmeManager', 'membership.move', input, { ifPreview: preview.token });
  for (const [entitlement, has] of [
    [partsBuyer, false],
    [partsViewer, true],
    [notesReader, true],
  ] as const)
    expect(await holds(world.db, moved.membershipId, entitlement), entitlement).toBe(has);
});

it('ends here and joins there at one instant, with the home; what they had here ends', async () => {
  await world.as('acmeManager', 'assignment.grant', {
    membershipIds: [member()],
    entitlementIds: [world.entitlements.partsBuyer],
  });
  await world.as('acmeManager', 'assignment.grant', {
    organizationId: north(),
    entitlementIds: [world.entitlements.partsViewer],
  });
  await world.as('acmeManager', 'membership.update', { membershipId: member(), lastDay: '2090-01-31' });
  await passTime(world.db, 11);
  const moved = await world.as('acmeManager', 'membership.move', {
    membershipId: member(),
    organizationId: north(),
    title: 'fitter',
    lineManagerId: world.people.northManager.membershipId,
  });
  expect(moved).toMatchObject({
    endedMembershipId: member(),
    lastDay: '2090-01-31',
    ended: { assignments: 1, requests: 0, delegations: 0 },
  });
  expect((await rows()).map(({ organizationId, state, home }) => ({ organizationId, state, home }))).toEqual([
    { organizationId: world.organizations.acmeSouth.id, state: 'ended', home: north() },
    { organizationId: north(), state: 'active', home: north() },
  ]);
  expect(await holds(world.db, member(), world.entitlements.partsBuyer)).toBe(false);
  expect(await holds(world.db, moved.membershipId, world.entitlements.partsBuyer)).toBe(false);
  // What everybody there has, they have from this instant on.
  expect(await holds(world.db, moved.membershipId, world.entitlements.partsViewer)).toBe(true);
  const { rows: instants } = await sql<{ same: boolean }>`
    select (select at from event where type = 'membership.ended' and target_id = ${member()})
      = (select at from event where type = 'membership.created' and target_id = ${moved.membershipId}) as same`.execute(
    world.db,
  );
  expect(instants[0]!.same).toBe(true);
  const { lineManager } = await world.as('acmeManager', 'membership.read', {
    membershipId: moved.membershipId,
  });
  expect(lineManager?.membershipId).toBe(world.people.northManager.membershipId);
});

it('needs both ends by one delegation, and leaves everything as it was where it is refused', async () => {
  const move = (
    who: 'acmeManager' | 'northManager' | 'owner' | 'southMember',
    organizationId: string,
    id = member(),
  ) => world.as(who, 'membership.move', { membershipId: id, organizationId });
  await expect(move('northManager', north())).rejects.toEqual(refusal('not-found'));
  await expect(move('acmeManager', world.organizations.beta.id)).rejects.toEqual(refusal('not-found'));
  await expect(move('southMember', north())).rejects.toMatchObject({ name: 'Refusal' });
  await addMembership(world.db, world.people.southMember.userId, 'south', world.organizations.acmeNorth);
  await expect(move('acmeManager', north())).rejects.toEqual(refusal('membership.exists'));
  expect((await rows()).map(({ state }) => state)).toEqual(['active', 'active']);
  await sql`update membership set state = 'suspended' where id = ${member()}`.execute(world.db);
  await expect(move('acmeManager', world.organizations.acme.id)).rejects.toEqual(
    refusal('membership.suspended'),
  );
  await expect(move('owner', north(), world.people.secondOwner.membershipId)).rejects.toMatchObject({
    name: 'Refusal',
  });
});

it('comes back as somebody new: nothing of before revives (ruling 3)', async () => {
  await world.as('acmeManager', 'assignment.grant', {
    membershipIds: [member()],
    entitlementIds: [world.entitlements.partsBuyer],
  });
  await passTime(world.db, 11);
  const there = await world.as('acmeManager', 'membership.move', {
    membershipId: member(),
    organizationId: north(),
  });
  const back = await world.as('acmeManager', 'membership.move', {
    membershipId: there.membershipId,
    organizationId: world.organizations.acmeSouth.id,
  });
  expect(back.membershipId).not.toBe(member());
  expect(await holds(world.db, back.membershipId, world.entitlements.partsBuyer)).toBe(false);
});
