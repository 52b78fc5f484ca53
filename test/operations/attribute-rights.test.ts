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
const record = (attributes: Record<string, string | number | null>, person: PersonName = 'northMember') =>
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

  it('is in a file of people as far as it is seen, and not even as a heading where it is not (I06)', async () => {
    await field('badge');
    await field('title');
    await field('rating', { seenBy: 'managers' });
    await field('allergy', { seenBy: 'self' });
    await record({ badge: '=1+1', title: 'Dr', rating: 'secret', allergy: 'nuts' });
    const file = async (by: PersonName) => {
      const csv = await world.as(by, 'user.export', { organizationId: world.organizations.acme.id });
      const [heading, ...rows] = csv.replace('\ufeff', '').trim().split('\n');
      return { heading, row: rows.find((row) => row.startsWith('northMember')) };
    };
    const own = 'displayName,userName,email,organizationName,title,firstDay,lastDay,state';
    const manager = await file('acmeManager');
    expect(manager.heading).toBe(`${own},allergy,badge,rating,attribute.title`);
    expect(manager.row).toMatch(/,nuts,'=1\+1,secret,Dr$/);
    // Sees people, and may not change them.
    const desk = await file('acmeHelpDesk');
    expect(desk.heading).toBe(`${own},badge,attribute.title`);
    expect(desk.row).toMatch(/,'=1\+1,Dr$/);
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

  it('finds people by what is in a text, a number and a day, and only by what is seen of it (I06)', async () => {
    await field('place');
    await field('desk', { kind: 'number' });
    await field('since', { kind: 'date', seenBy: 'managers' });
    await record({ place: 'Noorderkade 7', desk: 9, since: '2026-03-01' });
    await record({ place: 'Zuid, 50% hal', desk: 10.5, since: '2026-11-23' }, 'southMember');
    await record({ place: '12' }, 'siteMember');
    const names = { [member('northMember')]: 'north', [member('southMember')]: 'south' };
    const found = async (input: Input<'user.list'>, by: PersonName = 'acmeManager') => {
      const { items } = await world.as(by, 'user.list', input);
      expect((await world.as(by, 'user.count', input)).count).toBe(items.length);
      return items.map(({ membershipId }) => names[membershipId] ?? 'site').sort();
    };
    expect(await found({ field: 'place', contains: 'KADE' })).toEqual(['north']);
    expect(await found({ field: 'place', contains: '%' })).toEqual(['south']);
    expect(await found({ field: 'desk', value: '10.50' })).toEqual(['south']);
    // as numbers: 9 is less than 10.5, whatever their letters say
    expect(await found({ field: 'desk', atLeast: '9.5' })).toEqual(['south']);
    expect(await found({ field: 'desk', atLeast: '-1', atMost: '9' })).toEqual(['north']);
    // neither the number 12 in a text nor a text is a day
    expect(await found({ field: 'place', atLeast: '0' })).toEqual([]);
    expect(await found({ field: 'desk', atLeast: '1900-01-01' })).toEqual([]);
    expect(await found({ field: 'since', atLeast: '2026-03-01' })).toEqual(['north', 'south']);
    expect(await found({ field: 'since', atLeast: '2026-03-02', atMost: '2026-11-23' })).toEqual(['south']);
    expect(await found({ field: 'since', atLeast: '1900-01-01' }, 'acmeHelpDesk')).toEqual([]);
    await expect(found({ field: 'desk', atLeast: '1e400' })).rejects.toMatchObject({ code: 'input.invalid' });
  });
});
