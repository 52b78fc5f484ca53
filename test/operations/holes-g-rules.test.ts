import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { passTime } from '../../src/platform/clock.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Ways round a ceiling that an attack found: through what rules read, and groups. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
  // The peer gives nobody more than the viewer's role.
  const less = { applications: [], entitlements: [world.entitlements.partsViewer] };
  await sql`update delegation set entitlements = ${JSON.stringify(less)}::jsonb where id = ${world.delegations.acmePeer}`.execute(
    world.db,
  );
});
afterAll(() => world.close());

const member = (person: PersonName) => world.people[person].membershipId;
const rule = (name: string, more: Partial<Input<'access-rule.create'>>, by: PersonName = 'acmeManager') =>
  world.as(by, 'access-rule.create', {
    organizationId: world.organizations.acme.id,
    name,
    entitlementId: world.entitlements.partsBuyer,
    ...more,
  });
const entitle = (person: PersonName, title: string) =>
  world.as('acmePeer', 'membership.update', { membershipId: member(person), title });

describe('whoever records what a rule reads', () => {
  it('gives it, also where another rule would give the same to those who manage (I01)', async () => {
    await rule('Managers buy', { relation: 'managers' }, 'owner');
    await rule('Buyers buy', { title: 'Buyer' });
    await expect(entitle('northMember', 'Buyer')).rejects.toMatchObject({ code: 'membership.gives-access' });
    expect(await holds(world.db, member('northMember'), world.entitlements.partsBuyer)).toBe(false);
    // Of what they would have in that relation anyway nothing is given.
    await entitle('northMember', 'Driver');
    const { id } = await world.as('acmeManager', 'group.create', {
      organizationId: world.organizations.acme.id,
      name: 'Drivers',
    });
    await rule('The group buys', { groupId: id });
    const add = { groupId: id, membershipIds: [member('northMember')] };
    await expect(world.as('acmePeer', 'group.add-members', add)).rejects.toMatchObject({
      code: 'membership.gives-access',
    });
  });

  it('gives it for longer, where another rule that ends gives the same', async () => {
    const ending = await rule('Cleaners buy, for a while', { title: 'Cleaner' });
    await sql`update access_rule set ends_at = remit_now() + interval '1 hour' where id = ${ending.id}`.execute(
      world.db,
    );
    await world.as('acmeManager', 'membership.update', {
      membershipId: member('southMember'),
      title: 'Cleaner',
    });
    await rule('Cooks and cleaners', { fields: [], title: 'Cook' });
    await expect(entitle('southMember', 'Cook')).rejects.toMatchObject({ code: 'membership.gives-access' });
    await passTime(world.db, 3700);
    expect(await holds(world.db, member('southMember'), world.entitlements.partsBuyer)).toBe(false);
  });
});
