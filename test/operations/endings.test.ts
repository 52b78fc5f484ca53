import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { isAtOrBelow } from '../../src/authority/place.ts';
import { databaseNow, passTime } from '../../src/platform/clock.ts';
import type { Output } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Item = Output<'ending.list'>['items'][number];
const inDays = async (days: number) =>
  new Date((await databaseNow(world.db)).getTime() + days * 86_400_000).toISOString();
const all = async (as: PersonName, days = 30, limit = 200): Promise<Item[]> => {
  const items: Item[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await world.as(as, 'ending.list', { days, limit, ...(cursor ? { cursor } : {}) });
    items.push(...page.items);
    cursor = page.next;
    if (!cursor) return items;
    expect(page.items).toHaveLength(limit);
  }
};

/** Something of every kind that ends, in acme's branch and beside it. */
async function fill(): Promise<void> {
  const { organizations, people, entitlements } = world;
  for (const [place, member, days] of [
    ['acmeSouth', 'southMember', 3],
    ['acme2', 'acme2Member', 5],
    ['acmeNorth', 'northMember', 40],
  ] as const) {
    const { id } = organizations[place];
    const { membershipId } = people[member];
    const until = await inDays(days);
    await world.as('owner', 'delegation.create', {
      organizationId: id,
      delegate: { membershipId },
      adminRoleId: adminRoleId('help-desk'),
      until,
    });
    await world.as('owner', 'membership.update', { membershipId, lastDay: until.slice(0, 10) });
    await world.as('owner', 'assignment.grant', {
      membershipIds: [membershipId],
      entitlementIds: [entitlements.partsViewer],
      until: await inDays(days - 1.5),
    });
    await world.as('owner', 'invitation.create', {
      organizationId: id,
      people: [{ email: `${member}.new@example.org`, displayName: `${member} new` }],
    });
    await world.as('owner', 'client.create', {
      organizationId: id,
      name: `key of ${place}`,
      permissions: ['user.read'],
      until,
    });
    await sql`insert into exception (id, organization_id, path, permissions, ends_at)
      values (gen_random_uuid(), ${id}, ${organizations[place].path}, '{user.invite}', ${until}::timestamptz)`.execute(
      world.db,
    );
  }
  // acme looks after beta for a while: a further parent.
  await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_organization_id, permissions, scope, place_paths, entitlements, ends_at)
    values (gen_random_uuid(), 'administer', ${world.delegations.owner}, ${[world.delegations.owner, world.delegations.rootRow]}::uuid[], 'organization',
      ${organizations.acme.id}, '{user.read}', ${JSON.stringify([{ places: [{ ...organizations.beta, below: true }] }])}::jsonb,
      ${[organizations.beta.path]}::text[], '{"all":true}', ${await inDays(9)}::timestamptz)`.execute(
    world.db,
  );
}

describe('what ends by itself', () => {
  it('lists every kind, soonest first, each once over all pages', async () => {
    await fill();
    const items = await all('owner');
    // The day that was set, and one click to a later one for whoever may give it; nobody's own.
    const time = items.find(
      ({ kind, id }) => kind === 'membership' && id === world.people.southMember.membershipId,
    );
    expect(time).toMatchObject({ lastDay: (await inDays(3)).slice(0, 10), mayExtend: true });
    const seen = (await all('acmeHelpDesk')).find(({ id }) => id === time!.id);
    expect(seen).toMatchObject({ lastDay: time!.lastDay, mayExtend: false });
    // Who takes over is said by whoever may let them go, and told to whoever sees the successor.
    expect(time).toMatchObject({ mayNameSuccessor: true, successor: null });
    expect(seen).toMatchObject({ mayNameSuccessor: false, successor: null });
    const following = async (who: 'acmeManager' | 'acmeHelpDesk') =>
      (await all(who)).find(({ id }) => id === time!.id)!.successor;
    for (const [person, seenBelow] of [
      ['acmeMember', true],
      ['betaMember', false],
    ] as const) {
      const successorId = world.people[person].membershipId;
      await world.as('owner', 'membership.name-successor', { membershipId: time!.id, successorId });
      const named = seenBelow ? { membershipId: successorId, displayName: person } : null;
      expect(await following('acmeManager'), person).toEqual(named);
      expect(await following('acmeHelpDesk'), person).toEqual(named);
    }
    expect(items.filter((one) => one.kind !== 'membership' && one.mayNameSuccessor)).toEqual([]);
    await world.as('owner', 'membership.name-successor', { membershipId: time!.id, successorId: null });
    expect([...new Set(items.map(({ kind }) => kind))].sort()).toEqual([
      'access',
      'api-key',
      'delegation',
      'exception',
      'further-parent',
      'invitation',
      'membership',
    ]);
    expect(items.map(({ at }) => at)).toEqual(items.map(({ at }) => at).sort());
    for (const limit of [1, 2, 3]) expect(await all('owner', 30, limit)).toEqual(items);
    expect(items.find(({ kind }) => kind === 'access')).toMatchObject({
      personName: 'southMember',
      what: 'viewer in parts',
      organization: { name: 'acmeSouth' },
    });
    expect(items.find(({ kind }) => kind === 'further-parent')).toMatchObject({
      personName: 'acme',
      organization: { name: 'beta' },
    });
    expect((await all('owner', 60)).length).toBeGreaterThan(items.length);
    const one = await world.as('owner', 'ending.list', { kind: 'membership' });
    expect(one.items.map(({ kind }) => kind)).toEqual(['membership', 'membership']);
  });

  it('is the part of the whole that the reader reaches, and nothing that is over (I07)', async () => {
    await fill();
    const { rows } = await sql<{ id: string; path: string }>`select id, path from organization`.execute(
      world.db,
    );
    const pathOf = new Map(rows.map(({ id, path }) => [id, path]));
    const whole = await all('owner');
    const inside = whole.filter(({ organization }) =>
      isAtOrBelow(pathOf.get(organization!.id)!, world.organizations.acme.path),
    );
    expect(inside.length).toBeGreaterThan(4);
    expect(await all('acmeManager')).toEqual(inside);
    // The help desk sees people and access, and neither powers nor keys.
    expect(new Set((await all('acmeHelpDesk')).map(({ kind }) => kind))).toEqual(
      new Set(['access', 'invitation', 'membership']),
    );
    await expect(world.as('acmeMember', 'ending.list', {})).rejects.toMatchObject({ code: 'not-permitted' });
    await passTime(world.db, 10 * 86_400);
    const now = (await databaseNow(world.db)).toISOString();
    const later = await all('owner');
    expect(later.every(({ at }) => at > now)).toBe(true);
    expect(inside.some(({ at }) => at <= now)).toBe(true);
  });
});
