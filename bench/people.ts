import { type RawBuilder, sql } from 'kysely';
import { isAtOrBelow } from '../src/authority/place.ts';
import type { Reach } from '../src/authority/reach.ts';
import { type Page, type PeopleFilter, pageKeys, pageQuery } from '../src/directory/people.ts';
import { plainKeys } from '../src/directory/people-keys.ts';
import { membershipIdOf, type Place, userIdOf } from './generate.ts';
import { described, interleaved, mean, percentile, type Times } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, say } from './result.ts';
import { boundaries, boundary, reachOf, type World } from './world.ts';

const rounds = { rounds: 4, warmUp: 1 };

/** Sorted pages of 50 people in boundaries of every form, against the same page without a boundary. */
export async function benchPeople(small: World, large: World): Promise<Result[]> {
  say('A sorted page of 50 people in a boundary, against the same page unfiltered');
  const unfiltered = unfilteredPage(large);
  say(
    `baseline, the same statement without the boundary:\n${unfiltered.compile(large.db).sql.replace(/^/gm, '    ')}`,
  );
  await compareAnswers(small, small.organizations);
  await compareAnswers(large, boundaries(large, 2, 6));
  const baseline = () => unfiltered.execute(large.db);

  const places = boundaries(large, 8, 40);
  const whole = await interleaved(
    places.map((place) => ({ ours: () => list(large, reachOf([place])), baseline })),
    rounds,
  );
  sayBySize(large, places, whole.byPair);
  const base = mean(whole.baseline);
  const means = whole.byPair.map(({ ours }) => mean(ours));
  const few = boundaries(small, 8, 0);
  const sizes = await interleaved(
    sample(places, Math.min(few.length, places.length), seeded(5)).map((place, index) => ({
      ours: () => list(large, reachOf([place])),
      baseline: () => list(small, reachOf([few[index]!])),
    })),
    rounds,
  );
  const results: Result[] = [
    result('page, mean over boundaries at L', mean(sizes.ours) / mean(sizes.baseline), 1.5, 'x that at S'),
    result('page, p95 over boundaries', percentile(means, 0.95) / base, 2.5),
    result('page, worst boundary', Math.max(...means) / base, 4),
  ];
  for (const [name, goal, reaches] of forms(large)) {
    const run = await interleaved(
      reaches.map((reach) => ({ ours: () => list(large, reach), baseline })),
      rounds,
    );
    const worst = Math.max(...run.byPair.map((pair) => mean(pair.ours) / mean(pair.baseline)));
    say(`  ${name}: ${described(run.ours)}; worst ${worst.toFixed(2)}x`);
    results.push(result(`page, ${name}`, mean(run.ours) / mean(run.baseline), goal));
  }
  results.push(await deepPages(large), await search(large));
  return results;
}

const result = (name: string, figure: number, goal: number, unit = 'x the page unfiltered'): Result => ({
  name,
  figure,
  goal,
  unit,
});

const page = (world: World, after?: string[]): Page => ({
  by: 'name',
  descending: false,
  after,
  limit: 51,
  at: world.at,
});

function unfilteredPage(world: World) {
  const where: RawBuilder<boolean> = sql<boolean>`m.ends_at > ${world.at}`;
  return pageQuery(plainKeys({ where, beyond: undefined, descending: false, limit: 51 }), page(world));
}

async function list(world: World, reach: Reach, rest: Partial<PeopleFilter> = {}, after?: string[]) {
  const asked = page(world, after);
  const { rows } = await pageQuery(await pageKeys(world.db, { ...rest, reach }, asked), asked).execute(
    world.db,
  );
  return rows;
}

/** Boundaries of the other forms, with the goal of each. */
function forms(world: World): [string, number, Reach[]][] {
  const random = seeded(7);
  const hard = boundaries(world, 0, 60);
  const disjoint = sample(hard, 30, random).flatMap((one): Place[][] => {
    const others = hard.filter(({ path }) => !isAtOrBelow(path, one.path) && !isAtOrBelow(one.path, path));
    const [second] = sample(others, 1, random);
    const [third] = sample(
      others.filter(
        ({ path }) => second && !isAtOrBelow(path, second.path) && !isAtOrBelow(second.path, path),
      ),
      1,
      random,
    );
    return second && third ? [[one, second, third]] : [];
  });
  const holed = sample(hard, 30, random).flatMap((place): [Place, Place][] => {
    const [hole] = sample(
      world.organizations.filter(({ path }) => path !== place.path && isAtOrBelow(path, place.path)),
      1,
      random,
    );
    return hole ? [[place, hole]] : [];
  });
  const root = boundary(world.organizations[0]!);
  const reporting = (depth: 'direct' | 'all') =>
    lineManagers(world).map(
      (n): Reach => ({
        regions: [
          {
            place: root,
            holes: [],
            users: undefined,
            reports: [{ of: membershipIdOf(n), depth, except: userIdOf(n) }],
          },
        ],
        reachesOff: true,
      }),
    );
  return [
    ['three disjoint boundaries', 4, disjoint.slice(0, 15).map((places) => reachOf(places))],
    ['a hole', 3, holed.slice(0, 20).map(([place, hole]) => reachOf([place], [hole]))],
    [
      'named users',
      1.5,
      Array.from(
        { length: 15 },
        (): Reach => ({
          regions: [
            {
              place: root,
              holes: [],
              users: Array.from({ length: 20 }, () =>
                userIdOf(Math.floor(random() * world.organizations.length)),
              ),
              reports: [],
            },
          ],
          reachesOff: true,
        }),
      ),
    ],
    ['direct reports', 2, reporting('direct')],
    ['all reports', 4, reporting('all')],
  ];
}

/** Managers of branches with reporting lines, from the largest down. */
function lineManagers(world: World): number[] {
  const lined = world.organizations.flatMap(({ path }, n) =>
    /[048cgkosw]$/.test(path.split('.')[1] ?? '') ? [{ n, people: world.people.get(path) ?? 0 }] : [],
  );
  lined.sort((one, other) => other.people - one.people);
  return Array.from({ length: 20 }, (_, at) => lined[Math.floor((at / 20) ** 3 * lined.length)]!.n);
}

async function deepPages(world: World): Promise<Result> {
  const places = sample(boundaries(world, 0, 30), 12, seeded(9));
  const pairs = [];
  for (const place of places) {
    let after: string[] | undefined;
    for (let skipped = 0; skipped < 20; skipped += 1) {
      const rows = await list(world, reachOf([place]), {}, after);
      const last = rows.at(-2);
      if (rows.length < 51 || !last) break;
      after = [last.key, last.sortName, last.membershipId];
    }
    const beyond = after;
    pairs.push({
      ours: () => list(world, reachOf([place]), {}, beyond),
      baseline: () => list(world, reachOf([place])),
    });
  }
  const run = await interleaved(pairs, rounds);
  say(`  page 21: ${described(run.ours)}, first: ${described(run.baseline)}`);
  return result('a deep page', mean(run.ours) / mean(run.baseline), 1.2, 'x the first');
}

/** Three letters from the middle of names, from their beginning, and such as nobody has. */
async function search(world: World): Promise<Result> {
  const words = ['ann', 'jan', 'zen', 'kam', 'sen', 'ber', 'uis', 'qzx', 'xyz', 'fin', 'yar', 'mül'];
  const times: Times = [];
  for (const [index, place] of boundaries(world, 6, 30).entries()) {
    for (const word of sample(words, 4, seeded(index))) {
      const start = performance.now();
      await list(world, reachOf([place]), { search: word });
      times.push(performance.now() - start);
    }
  }
  say(`  search of three letters: ${described(times)}, worst ${Math.max(...times).toFixed(1)} ms`);
  return { name: 'search of three letters, p95', figure: percentile(times, 0.95), goal: 15, unit: 'ms' };
}

function sayBySize(world: World, places: Place[], byPair: { ours: Times; baseline: Times }[]): void {
  const classes = [
    [0, 300],
    [300, 1_500],
    [1_500, 3_000],
    [3_000, 15_000],
    [15_000, 100_000],
    [100_000, Number.POSITIVE_INFINITY],
  ] as const;
  for (const [from, to] of classes) {
    const pairs = places.flatMap(({ path }, index) => {
      const people = world.people.get(path) ?? 0;
      return people >= from && people < to ? [byPair[index]!] : [];
    });
    if (pairs.length === 0) continue;
    const worst = Math.max(...pairs.map(({ ours, baseline }) => mean(ours) / mean(baseline)));
    say(
      `  ${String(pairs.length).padStart(3)} boundaries of ${from} to ${to} people: ${described(pairs.flatMap(({ ours }) => ours))}; worst ${worst.toFixed(2)}x`,
    );
  }
  say(`  baseline: ${described(byPair.flatMap(({ baseline }) => baseline))}`);
}

/** Before anything is timed: in every boundary the page is what a naive filter over everybody gives. */
async function compareAnswers(world: World, places: Place[]): Promise<void> {
  const { rows: everybody } = await sql<{ id: string; path: string }>`
    select m.id, m.path from membership m where m.state <> 'ended' and m.ends_at > ${world.at} order by m.sort_name, m.id`.execute(
    world.db,
  );
  for (const place of places) {
    const expected = everybody
      .filter(({ path }) => isAtOrBelow(path, place.path))
      .slice(0, 51)
      .map(({ id }) => id);
    const found = (await list(world, reachOf([place]))).map(({ membershipId }) => membershipId);
    if (JSON.stringify(found) !== JSON.stringify(expected))
      throw new Error(`The page of ${place.path} is not what a filter over everybody gives.`);
  }
  say(`  ${world.size}: answers compared in ${places.length} boundaries: the same`);
}
