import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Input } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Fields: who sees what stands in them, and who fills them in. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const member = (person: PersonName) => world.people[person].membershipId;
const field = (key: string, more: Partial<Input<'attribute.define'>> = {}) =>
  world.as('acmeManager', 'attribute.define', {
    organizationId: world.organizations.acme.id,
    key,
    label: key,
    kind: 'text',
    ...more,
  });
const record = (attributes: Record<string, string | null>, person: PersonName = 'northMember') =>
  world.as('acmeManager', 'membership.update', { membershipId: member(person), attributes });
const seenBy = async (by: PersonName, person: PersonName = 'northMember') =>
  (await world.as(by, 'membership.read', { membershipId: member(person) })).attributes;
const own = async (by: PersonName = 'northMember') =>
  Object.fromEntries((await world.as(by, 'me.read', {})).fields.map(({ key, value }) => [key, value]));

describe('what stands in a field', () => {
  it('is seen by those whom it is for', async () => {
    await field('badge');
    await field('rating', { seenBy: 'managers' });
    await field('allergy', { seenBy: 'self' });
    await record({ badge: 'b', rating: 'r', allergy: 'a' });
    expect(await seenBy('acmeManager')).toEqual({ badge: 'b', rating: 'r', allergy: 'a' });
    // Sees people, and may not change them.
    expect(await seenBy('acmeHelpDesk')).toEqual({ badge: 'b' });
    expect(await own()).toEqual({ badge: 'b', allergy: 'a' });
  });

  it('is filled in by the person where that is said, and by nobody of what others fill in', async () => {
    await field('badge');
    await field('shirt', { changedBy: 'self', seenBy: 'self' });
    await field('cost', { changedBy: 'source' });
    await field('rating', { seenBy: 'managers' });
    await world.as('northMember', 'me.update', { attributes: { shirt: 'xl' } });
    expect(await own()).toMatchObject({ shirt: 'xl' });
    await record({ shirt: 'm' });
    expect(await own()).toMatchObject({ shirt: 'm' });
    for (const key of ['badge', 'cost', 'rating', 'nothing'])
      await expect(
        world.as('northMember', 'me.update', { attributes: { [key]: 'x' } }),
      ).rejects.toMatchObject({ code: 'input.invalid' });
    await expect(record({ cost: 'x' })).rejects.toMatchObject({ code: 'input.invalid' });
    const { rows } = await sql<{ after: Record<string, unknown> }>`
      select after from event where type = 'membership.updated' and actor_id = ${world.people.northMember.userId}`.execute(
      world.db,
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('xl');
  });

  it('is not told apart from what is not there, by whoever may not see it (I08)', async () => {
    await field('rating', { seenBy: 'managers' });
    const answer = async (key: string) =>
      await world.as('northMember', 'me.update', { attributes: { [key]: 'x' } }).catch((refused) => ({
        code: refused.code,
        text: String(refused.details.problem).replace(key, ''),
      }));
    expect(await answer('rating')).toEqual(await answer('nothing'));
  });

  it('finds and shows people in lists as far as it is seen, and is otherwise like a field that is not there (I06)', async () => {
    await field('badge');
    await field('rating', { seenBy: 'managers' });
    await field('allergy', { seenBy: 'self' });
    await record({ badge: 'x', rating: 'x', allergy: 'x' });
    await record({ badge: 'y', rating: 'y' }, 'southMember');
    const found = async (by: PersonName, key: string, value?: string) =>
      (await world.as(by, 'user.list', { field: key, ...(value ? { value } : {}) })).items.length;
    expect(await found('acmeManager', 'rating', 'x')).toBe(1);
    expect(await found('acmeManager', 'rating')).toBe(2);
    expect(await found('acmeManager', 'nothing')).toBe(0);
    expect(await found('acmeHelpDesk', 'badge')).toBe(2);
    expect(await found('acmeHelpDesk', 'rating')).toBe(0);
    expect(await found('acmeHelpDesk', 'allergy')).toBe(0);
    expect((await world.as('acmeHelpDesk', 'user.count', { field: 'rating' })).count).toBe(0);
    const { items } = await world.as('acmeHelpDesk', 'user.list', { fields: true });
    expect(items.flatMap(({ attributes }) => Object.keys(attributes!))).toEqual(['badge', 'badge']);
  });
});
