import { type Kysely, sql } from 'kysely';
import { isAtOrBelow } from '../src/authority/place.ts';
import type { Reach } from '../src/authority/reach.ts';
import { matches, pageQuery } from '../src/directory/people.ts';
import { databaseNow } from '../src/platform/clock.ts';
import type { DB } from '../src/platform/schema.gen.ts';
import type { Generated, Place } from './generate.ts';
import { described, interleaved, mean } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, say } from './result.ts';

const goal = 2;
const perDepth = 12;
const page = { by: 'name', descending: false, after: undefined, limit: 50 } as const;

/** A sorted page of 50 people, in boundaries of every depth, against the same page without a boundary. */
export async function benchPeople(db: Kysely<DB>, { organizations }: Generated): Promise<Result> {
  say('A sorted page of 50 people in a boundary, against the same page unfiltered');
  const at = await databaseNow(db);
  const unfiltered = pageQuery(sql<boolean>`m.state <> 'ended' and m.ends_at > ${at}`, { ...page, at });
  const inside = (place: Place, limit = 50) =>
    pageQuery(matches({ reach: reachOf(place) }, at), { ...page, limit, at });
  say(
    `baseline, the same statement without the boundary:\n${sql`${unfiltered}`.compile(db).sql.replace(/^/gm, '    ')}`,
  );

  await compareAnswers(db, organizations, inside, at);
  const random = seeded(2);
  const depths = new Map<number, Place[]>();
  for (const place of organizations) {
    const depth = place.path.split('.').length;
    depths.set(depth, [...(depths.get(depth) ?? []), place]);
  }
  const chosen = [...depths]
    .sort(([one], [other]) => one - other)
    .flatMap(([, places]) => sample(places, perDepth, random));
  const run = await interleaved(
    chosen.map((place) => ({
      ours: () => inside(place).execute(db),
      baseline: () => unfiltered.execute(db),
    })),
    { rounds: 30, warmUp: 3 },
  );
  for (const depth of [...depths.keys()].sort((one, other) => one - other)) {
    const indices = chosen.flatMap((place, index) => (place.path.split('.').length === depth ? [index] : []));
    const ours = indices.flatMap((index) => run.byPair[index]!.ours);
    const baseline = indices.flatMap((index) => run.byPair[index]!.baseline);
    say(
      `  depth ${String(depth).padStart(2)}: ${(mean(ours) / mean(baseline)).toFixed(2)}x  ${described(ours)}`,
    );
  }
  say(`  ours:     ${described(run.ours)}`);
  say(`  baseline: ${described(run.baseline)}`);
  return {
    name: 'page of people',
    figure: mean(run.ours) / mean(run.baseline),
    goal,
    unit: 'x the page unfiltered (mean)',
  };
}

const reachOf = ({ id, path }: Place): Reach => ({
  regions: [{ place: { id, path, below: true }, holes: [], users: undefined, reports: [] }],
  reachesOff: true,
});

/** Before anything is timed: in every boundary the page is what a naive filter over everybody gives. */
async function compareAnswers(
  db: Kysely<DB>,
  organizations: Place[],
  inside: (place: Place, limit?: number) => ReturnType<typeof pageQuery>,
  at: Date,
): Promise<void> {
  const { rows: everybody } = await sql<{ id: string; path: string }>`
    select m.id, m.path from membership m where m.state <> 'ended' and m.ends_at > ${at} order by m.sort_name, m.id`.execute(
    db,
  );
  for (const place of organizations) {
    const expected = everybody
      .filter(({ path }) => isAtOrBelow(path, place.path))
      .slice(0, 50)
      .map(({ id }) => id);
    const { rows } = await inside(place).execute(db);
    const found = rows.map(({ membershipId }) => membershipId);
    if (JSON.stringify(found) !== JSON.stringify(expected))
      throw new Error(`The page of ${place.path} is not what a filter over everybody gives.`);
  }
  say(`  answers compared in ${organizations.length} boundaries: the same`);
}
