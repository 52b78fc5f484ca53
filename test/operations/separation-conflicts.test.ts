import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Key, nextByGivings, nextByName } from '../../src/access/separation-suspects.ts';
import type { Reach } from '../../src/authority/reach.ts';
import { apart } from '../harness/separation.ts';
import { addMembership, makeWorld, type PersonName, type World } from '../harness/world.ts';

/** The list of conflicts, page by page, and by both of its ways to them. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
  const { siteMember, northMember } = world.people;
  await addMembership(world.db, northMember.userId, 'Aaron North', world.organizations.acmeSouth);
  await addMembership(world.db, siteMember.userId, 'siteMember', world.organizations.acmeSouth);
  // Several of one name, as in life.
  await sql`update membership set sort_name = 'same' where sort_name like '%member'`.execute(world.db);
  const roles = (['partsBuyer', 'notesAuthor', 'partsViewer'] as const).map(
    (name) => world.entitlements[name],
  );
  await sql`insert into assignment (id, membership_id, entitlement_id, why)
    select gen_random_uuid(), x.membership_id, x.entitlement_id, 'direct' from (
      select m.id as membership_id, e.id as entitlement_id, row_number() over (order by m.path, m.sort_name, e.n) as n
      from membership m cross join unnest(${roles}::uuid[]) with ordinality e (id, n)) x where x.n % 4 <> 0`.execute(
    world.db,
  );
  await apart(world, ['partsBuyer', 'notesAuthor']);
  await apart(world, ['partsBuyer', 'partsViewer'], { at: 'acme' });
  await apart(world, ['partsBuyer', 'notesAuthor', 'partsViewer'], { tooMany: 3 });
});
afterAll(() => world.close());

type Found = { userId: string; separationId: string };
const keysOf = (found: readonly Found[]) =>
  found.map(({ userId, separationId }) => `${userId} ${separationId}`);

it.each(['owner', 'acmeManager', 'northManager'] as const)(
  'is for the %s the same in small pages as in one, and nobody is there twice',
  async (person: PersonName) => {
    const list = (input: { cursor?: string; limit: number }) =>
      world.as(person, 'separation.list-conflicts', input);
    const whole = keysOf((await list({ limit: 100 })).items);
    const pages: Found[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 2, ...(cursor ? { cursor } : {}) });
      pages.push(...page.items);
      cursor = page.next;
    } while (cursor);
    expect(keysOf(pages)).toEqual(whole);
    expect(new Set(whole).size).toBe(whole.length);
    if (person !== 'northManager') expect(whole.length).toBeGreaterThan(3);
  },
);

it('finds by name, however few at a time, whom it finds by what was given, in the same order', async () => {
  const { id, path } = world.organizations.root;
  const reach: Reach = {
    regions: [{ place: { id, path, below: true }, holes: [], users: undefined, reports: [] }],
    reachesOff: true,
  };
  const filter = { reach, separationId: undefined };
  const byGivings = (await nextByGivings(world.db, filter, undefined)).keys;
  const could = new Set(keysOf(byGivings));
  for (const many of [1, 7, 50]) {
    const byName: Key[] = [];
    let after: Key | undefined;
    for (let over = false; !over; ) {
      const next = await nextByName(world.db, filter, after, many);
      byName.push(...next.keys);
      ({ upTo: after, over } = next);
    }
    expect(byName.filter((key) => could.has(keysOf([key])[0]!))).toEqual(byGivings);
  }
});
