import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** A line manager who was given their reports does with them what was given, in every room of the house, and no more. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
  await sql`update membership set line_manager_id = ${member('acmeMember')} where id = ${member('northMember')}`.execute(
    world.db,
  );
  await world.as('owner', 'delegation.create', {
    organizationId: at('acme'),
    delegate: { relation: 'line-managers', organizationId: at('acme') },
    reports: { depth: 'direct' },
    permissions: [
      'user.read',
      'access.read',
      'access.grant',
      'access.end',
      'request.decide',
      'audit.read',
      'membership.suspend',
    ],
    entitlements: { applicationIds: [world.applications.parts] },
  });
});
afterAll(() => world.close());

const at = (name: keyof World['organizations']) => world.organizations[name].id;
const member = (name: PersonName) => world.people[name].membershipId;
const grant = (person: PersonName, entitlementId: string) =>
  world.as('acmeMember', 'assignment.grant', {
    membershipIds: [member(person)],
    entitlementIds: [entitlementId],
  });

it('gives access to a report, within what may be handed out', async () => {
  const given = await grant('northMember', world.entitlements.partsViewer);
  expect(given.results.map(({ ok }) => ok)).toEqual([true]);
  const outside = await grant('northMember', world.entitlements.ledgerClerk).catch((error) => error);
  expect(JSON.stringify(outside)).not.toContain('"ok":true');
  for (const stranger of ['southMember', 'siteMember', 'acmePeer', 'acmeMember'] as const) {
    const tried = await grant(stranger, world.entitlements.partsViewer).catch((error) => error);
    expect(JSON.stringify(tried)).not.toContain('"ok":true');
  }
});

it('decides what a report asks for, sees it waiting, and nobody else’s', async () => {
  const asked = await world.as('northMember', 'request.create', {
    entitlementId: world.entitlements.partsBuyer,
    reason: 'For the new orders',
  });
  await world.as('southMember', 'request.create', {
    entitlementId: world.entitlements.partsBuyer,
    reason: 'For the new orders',
  });
  const waiting = await world.as('acmeMember', 'request.list', { box: 'inbox' });
  expect(waiting.items.map(({ requestId }) => requestId)).toEqual([asked.requestId]);
  const decided = await world.as('acmeMember', 'request.decide', {
    requestId: asked.requestId,
    approve: true,
  });
  expect(decided.state).toBe('approved');
});

it('suspends a report and reads their part of the trail', async () => {
  await world.as('acmeMember', 'membership.suspend', { membershipId: member('northMember') });
  const trail = await world.as('acmeMember', 'event.list', { limit: 100 });
  expect(trail.items.length).toBeGreaterThan(0);
  await expect(
    world.as('acmeMember', 'membership.suspend', { membershipId: member('siteMember') }),
  ).rejects.toMatchObject({ code: 'not-found' });
});
