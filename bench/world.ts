import type { Kysely } from 'kysely';
import type { Place as Boundary } from '../src/authority/place.ts';
import type { Reach } from '../src/authority/reach.ts';
import { databaseNow } from '../src/platform/clock.ts';
import type { DB } from '../src/platform/schema.gen.ts';
import type { Generated, Place, SizeName } from './generate.ts';
import { sample, seeded } from './random.ts';

/** A generated instance on one connection, and how many people stand at and below each of its organizations. */
export type World = Generated & {
  size: SizeName;
  db: Kysely<DB>;
  url: string;
  at: Date;
  people: Map<string, number>;
};

export async function worldOf(
  db: Kysely<DB>,
  url: string,
  size: SizeName,
  generated: Generated,
): Promise<World> {
  const totals = await db.selectFrom('people_total').select(['path', 'people']).execute();
  const people = new Map(totals.map((row) => [row.path, Number(row.people)]));
  return { ...generated, size, db, url, people, at: await databaseNow(db) };
}

/** Boundaries of every depth, and always those that are hardest: 3,000 to 15,000 people. */
export function boundaries(world: World, perDepth: number, middle: number): Place[] {
  const random = seeded(2);
  const depths = new Map<number, Place[]>();
  for (const place of world.organizations) {
    const depth = place.path.split('.').length;
    const same = depths.get(depth);
    if (same) same.push(place);
    else depths.set(depth, [place]);
  }
  const ofAllDepths = [...depths]
    .sort(([one], [other]) => one - other)
    .flatMap(([, places]) => sample(places, perDepth, random));
  const hard = world.organizations.filter(({ path }) => {
    const people = world.people.get(path) ?? 0;
    return people >= 3_000 && people <= 15_000;
  });
  return [...new Set([...ofAllDepths, ...sample(hard, middle, random)])];
}

export const boundary = ({ id, path }: { id: string; path: string }): Boundary => ({ id, path, below: true });

/** A reach of whole places, less the holes. */
export const reachOf = (places: Place[], holes: Place[] = []): Reach => ({
  regions: places.map((place) => ({
    place: boundary(place),
    holes: holes.map(boundary),
    users: undefined,
    reports: [],
  })),
  reachesOff: true,
});
