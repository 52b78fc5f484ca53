import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Generated, generate, type Place } from '../../bench/generate.ts';
import { seeded } from '../../bench/random.ts';
import { boundary, reachOf } from '../../bench/world.ts';
import { isAtOrBelow } from '../../src/authority/place.ts';
import type { Reach } from '../../src/authority/reach.ts';
import { countBoth, countPeople, listPeople } from '../../src/directory/people.ts';
import { databaseNow } from '../../src/platform/clock.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import { type TestDatabase, testDatabase } from '../harness/database.ts';

/** Anchors and kept counts change how quick an answer is, never the answer (I07). */
let database: TestDatabase;
let generated: Generated;
beforeAll(async () => {
  database = await testDatabase({ max: 8 });
  generated = await generate(database.db, { organizations: 150, people: 3_000, depth: 6 });
});
afterAll(() => database.drop());

type Row = { id: string; user_id: string; path: string; sort_name: string; email: string };
const everybody = async (): Promise<Row[]> =>
  (
    await sql<Row>`select m.id, m.user_id, m.path, m.sort_name, u.email from membership m join app_user u on u.id = m.user_id where m.state <> 'ended' and m.ends_at > remit_now() order by m.sort_name, m.id`.execute(
      database.db,
    )
  ).rows;

/** Every form of reach in turn: one place, one less a hole, two of them, all. */
function reaches(): Reach[] {
  const random = seeded(4);
  const any = (): Place => generated.organizations[Math.floor(random() * generated.organizations.length)]!;
  const below = (place: Place): Place =>
    generated.organizations.find(({ path }) => path !== place.path && isAtOrBelow(path, place.path)) ?? place;
  const large = generated.organizations.slice(0, 12);
  return [
    ...large.map((place) => reachOf([place])),
    ...large.map((place) => reachOf([place], [below(place)])),
    ...large.map((place) => reachOf([place, any()])),
    ...Array.from({ length: 20 }, () => reachOf([any(), any(), any()], [any()])),
    {
      regions: [
        { place: { ...boundary(large[1]!), below: false }, holes: [], users: undefined, reports: [] },
      ],
      reachesOff: true,
    },
  ];
}

const isIn = ({ regions }: Reach, path: string): boolean =>
  regions.some(
    ({ place, holes }) =>
      (place.below ? isAtOrBelow(path, place.path) : path === place.path) &&
      !holes.some((hole) => isAtOrBelow(path, hole.path)),
  );

/** A handle of its own, as another process has: it knows the anchors of now. */
async function compare(): Promise<void> {
  const process = openDatabase(database.url, { max: 1 });
  try {
    const all = await everybody();
    const at = await databaseNow(process.db);
    for (const reach of reaches()) {
      const expected = all.filter(({ path }) => isIn(reach, path));
      expect(await countPeople(process.db, { reach }, at)).toBe(expected.length);
      const people = new Set(expected.map(({ user_id }) => user_id)).size;
      expect(await countBoth(process.db, { reach }, at)).toEqual({
        count: expected.length,
        people: { atLeast: people, atMost: people },
      });
      for (const sort of ['name', '-name'] as const) {
        const order = sort === 'name' ? expected : [...expected].reverse();
        const first = await listPeople(process.db, { reach }, { sort, limit: 20, at });
        expect(first.items.map(({ membershipId }) => membershipId)).toEqual(
          order.slice(0, 20).map(({ id }) => id),
        );
        if (!first.next) continue;
        const second = await listPeople(process.db, { reach }, { sort, limit: 20, at, cursor: first.next });
        expect(second.items.map(({ membershipId }) => membershipId)).toEqual(
          order.slice(20, 40).map(({ id }) => id),
        );
      }
      for (const search of ['ann', 'sen', 'zen', 'an mul', 'qzx', 'ne', 'bram.'])
        for (const sort of ['name', '-name'] as const) {
          const named = await listPeople(process.db, { reach, search }, { sort, limit: 20, at });
          const fits = expected.filter(
            ({ sort_name, email }) =>
              search.split(' ').every((word) => sort_name.includes(word)) || email.startsWith(search),
          );
          expect(
            named.items.map(({ membershipId }) => membershipId),
            search,
          ).toEqual((sort === 'name' ? fits : fits.reverse()).slice(0, 20).map(({ id }) => id));
        }
    }
  } finally {
    await process.close();
  }
}

/** Until nothing more grows or shrinks. */
async function settleAnchors(large: number, small: number): Promise<number> {
  for (let changed = 0; ; changed += 1) {
    const { rows } = await sql<{
      place: string | null;
    }>`select people_anchor_settle(${large}, ${small}) as place`.execute(database.db);
    if (rows[0]!.place === null) return changed;
  }
}

it('gives the same people and counts without anchors, with many, and with few again', async () => {
  await compare();
  expect(await settleAnchors(60, 1)).toBeGreaterThan(5);
  await compare();
  expect(await settleAnchors(1_000_000, 300)).toBeGreaterThan(1);
  await compare();
});

it('counts right while people come, move and leave, and totals are folded', async () => {
  await settleAnchors(100, 1);
  const random = seeded(6);
  const place = (): Place => generated.organizations[Math.floor(random() * generated.organizations.length)]!;
  const steps = Array.from({ length: 120 }, (_, index) => ({ index, to: place() }));
  const one = async ({ index, to }: { index: number; to: Place }): Promise<void> => {
    const { db } = database;
    const { userId, membershipId } = generated.managers[index]!;
    if (index % 4 === 0)
      await sql`insert into membership (id, user_id, organization_id, path, sort_name) select ${newId()}, ${userId}, ${to.id}, ${to.path}, 'new'
        where not exists (select 1 from membership where user_id = ${userId} and organization_id = ${to.id})`.execute(
        db,
      );
    else if (index % 4 === 1)
      await sql`update membership set path = ${to.path} where id = ${membershipId}`.execute(db);
    else if (index % 4 === 2)
      await sql`update membership set state = 'ended', ended_at = remit_now() where id = ${membershipId}`.execute(
        db,
      );
    else await sql`update membership set ends_at = remit_now() where id = ${membershipId}`.execute(db);
    if (index % 10 === 0) await sql`select people_fold()`.execute(db);
  };
  let done = false;
  const root = reachOf([generated.organizations[0]!]);
  const reader = (async () => {
    while (!done) {
      // Both counts by one statement each in one snapshot: they may not differ at any moment.
      await database.db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (trx) => {
          const at = await databaseNow(trx);
          const { rows } = await sql<{
            count: number;
          }>`select count(*)::int as count from membership where state <> 'ended' and ends_at > ${at}`.execute(
            trx,
          );
          expect(await countPeople(trx, { reach: root }, at)).toBe(rows[0]!.count);
        });
    }
  })();
  for (let from = 0; from < steps.length; from += 6) await Promise.all(steps.slice(from, from + 6).map(one));
  done = true;
  await reader;
  await compare();
});
