import { type RawBuilder, sql } from 'kysely';
import { type Chain, chainOf, hasPermission, stopOf } from './delegation.ts';
import type { Facts } from './facts.ts';
import { type Permission, traitsOf } from './permissions.ts';
import { everywhere, type Hole, type Place, placeOverlap, placeWithin } from './place.ts';

/** Part of a reach: organizations minus holes, and in them everybody or only the named users. */
export type Region = { place: Place; holes: Hole[]; users: string[] | undefined };

/**
 * Where an actor may do something: a union of regions. Every list, search, count and export is built on it, so
 * a list equals the filter of the check (I07).
 */
export type Reach = { regions: Region[]; reachesOff: boolean };

/** The reach of `permission`; with an entitlement-bound act, the regions where some entitlement may be given. */
export function reach(facts: Facts, permission: Permission): Reach {
  const traits = traitsOf(permission);
  const reachesOff = traits.reading === true || traits.aboveOff === true;
  if (facts.noStanding) return { regions: [], reachesOff };
  const regions: Region[] = [];
  for (const held of facts.held) {
    const chain = chainOf(held, facts.links);
    if (held.kind !== 'administer' || !hasPermission(chain, permission) || stopOf(chain, facts.at)) continue;
    if (traits.protectedAct && held.delegateKind === 'client') continue;
    regions.push(...regionsOf(chain));
  }
  return { regions: withoutCovered(regions), reachesOff };
}

/** The intersection along a chain: boxes pair by pair, holes accumulate. */
export function regionsOf(chain: Chain): Region[] {
  let regions: Region[] | undefined;
  for (const link of chain) {
    const own: (Omit<Region, 'place'> & { place: Place | undefined })[] = link.scope.flatMap((box) =>
      (box.places ?? [undefined])
        .filter((place) => !place || !link.offPlaces.includes(place.path))
        .map((place) => ({ place, holes: box.holes ?? [], users: box.users })),
    );
    if (!regions) {
      regions = own.filter((region): region is Region => region.place !== undefined);
      if (regions.length !== own.length) {
        // A box of named users only lies wherever the links above it reach.
        regions = own.map((region) => ({ ...region, place: region.place ?? everywhere }));
      }
      continue;
    }
    regions = regions.flatMap((region) =>
      own.flatMap((other) => {
        const place =
          region.place.path === everywhere.path
            ? (other.place ?? region.place)
            : other.place
              ? placeOverlap(region.place, other.place)
              : region.place;
        if (!place) return [];
        const users = !region.users
          ? other.users
          : !other.users
            ? region.users
            : region.users.filter((id) => other.users!.includes(id));
        return [{ place, holes: mergeHoles(region.holes, other.holes), users }];
      }),
    );
  }
  return regions ?? [];
}

function mergeHoles(one: Hole[], other: Hole[]): Hole[] {
  if (other.length === 0) return one;
  return [
    ...one,
    ...other.filter((hole) => !one.some((known) => known.path === hole.path && known.below === hole.below)),
  ];
}

/** Leaves out regions that another one holds anyway, so that a page is not walked twice. */
function withoutCovered(regions: Region[]): Region[] {
  const covers = (outer: Region, inner: Region): boolean =>
    placeWithin(inner.place, outer.place) &&
    outer.holes.every((hole) => inner.holes.some((known) => placeWithin(hole, known))) &&
    (!outer.users || (inner.users?.every((id) => outer.users!.includes(id)) ?? false));
  return regions.filter(
    (region, index) =>
      !regions.some(
        (other, at) => at !== index && covers(other, region) && (at < index || !covers(region, other)),
      ),
  );
}

/** A range of paths, as parameters: the planner then walks an index (a sub-select here cost ten times as much). */
const inPlace = (place: Place, path: RawBuilder<unknown>): RawBuilder<boolean> =>
  place.path === everywhere.path
    ? sql<boolean>`true`
    : place.below
      ? sql<boolean>`(${path} >= ${place.path} and ${path} < ${`${place.path}/`})`
      : sql<boolean>`${path} = ${place.path}`;

/**
 * The reach as an SQL predicate over a column that holds a path, and one that holds a user id where the rows are
 * about people. Rows about no person lie outside a region of named users.
 */
export function inReach(
  of: Reach,
  path: RawBuilder<unknown>,
  userId?: RawBuilder<unknown>,
): RawBuilder<boolean> {
  if (of.regions.length === 0) return sql<boolean>`false`;
  const parts = of.regions.map((region) => {
    const conditions = [inPlace(region.place, path)];
    for (const hole of region.holes) conditions.push(sql<boolean>`not ${inPlace(hole, path)}`);
    if (region.users)
      conditions.push(userId ? sql<boolean>`${userId} = any (${region.users}::uuid[])` : sql<boolean>`false`);
    return sql<boolean>`(${sql.join(conditions, sql` and `)})`;
  });
  const anywhere = sql<boolean>`(${sql.join(parts, sql` or `)})`;
  return of.reachesOff ? anywhere : sql<boolean>`(${anywhere} and not place_is_off(${path}))`;
}
