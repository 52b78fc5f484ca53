import type { Box, Chain, Reports } from './delegation.ts';
import { everywhere, type Hole, isAtOrBelow, type Place, placeOverlap, placeWithin } from './place.ts';

/**
 * Part of a reach: organizations minus holes, and in them everybody, or only the named users, or only those who are in
 * each of the reports. `without`: people whom an exception takes out of some place.
 */
export type Region = {
  place: Place;
  holes: Hole[];
  users: string[] | undefined;
  reports: Reports[];
  without?: { place: Place; userId: string }[];
};

/** The intersection along a chain: boxes pair by pair, holes accumulate. */
export function regionsOf(chain: Chain): Region[] {
  let regions: Region[] | undefined;
  for (const link of chain) {
    const own = boxesOf(link.scope, link.offPlaces);
    regions = regions
      ? regions.flatMap((region) => meetBoxes(region, own))
      : // A box of named people only lies wherever the links above it reach.
        own.map((box) => (isPlaced(box) ? box : { ...box, place: everywhere }));
  }
  return regions ?? [];
}

type BoxRegion = Omit<Region, 'place'> & { place: Place | undefined };

const noHoles: Hole[] = [];
const noReports: Reports[] = [];

/** In loops: two people with 200 links each are compared by what all their chains give. */
export function boxesOf(scope: Box[], offPlaces: string[]): BoxRegion[] {
  const found: BoxRegion[] = [];
  for (const { places, where, holes = noHoles, users, reports: asked } of scope) {
    // What was not settled reaches nobody.
    if (where || (asked && !asked.of)) continue;
    const reports = asked?.of ? [{ of: asked.of, depth: asked.depth, except: asked.except }] : noReports;
    if (!places) found.push({ place: undefined, holes, users, reports });
    else
      for (const place of places)
        if (!offPlaces.includes(place.path)) found.push({ place, holes, users, reports });
  }
  return found;
}

/** The part of a region that lies in one of the boxes, too. */
export function meetBoxes(region: Region, boxes: BoxRegion[]): Region[] {
  return boxes.flatMap((other) => {
    if (other.place && isPlain(other) && region.place.path !== everywhere.path) {
      // Most links above hold whole organizations: then the region is what it was, or nothing.
      if (placeWithin(region.place, other.place)) return region;
      if (!placeWithin(other.place, region.place)) return [];
    }
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
    const reports = [
      ...region.reports,
      ...other.reports.filter((one) => !region.reports.some((known) => reportsWithin(known, one))),
    ];
    return [{ ...region, place, holes: mergeHoles(region.holes, other.holes), users, reports }];
  });
}

const isPlaced = (box: BoxRegion): box is Region => box.place !== undefined;

const isPlain = ({ users, reports, holes }: BoxRegion): boolean =>
  !users && reports.length === 0 && holes.length === 0;

/** Is everybody in `inner` in `outer`, by their names alone? */
export const reportsWithin = (inner: Reports, outer: Reports): boolean =>
  inner.of === outer.of && (outer.depth === 'all' || inner.depth === 'direct');

/** Is everybody and every place of `inner` in `outer`? */
export const regionWithin = (inner: Region, outer: Region): boolean =>
  placeWithin(inner.place, outer.place) &&
  outer.holes.every(
    (hole) => !placeOverlap(hole, inner.place) || inner.holes.some((own) => placeWithin(hole, own)),
  ) &&
  (!outer.users || (inner.users?.every((id) => outer.users!.includes(id)) ?? false)) &&
  outer.reports.every((one) => inner.reports.some((own) => reportsWithin(own, one))) &&
  (outer.without ?? []).every((one) =>
    inner.without?.some((own) => own.userId === one.userId && placeWithin(one.place, own.place)),
  );

export function mergeHoles(one: Hole[], other: Hole[]): Hole[] {
  if (other.length === 0) return one;
  return [
    ...one,
    ...other.filter((hole) => !one.some((known) => known.path === hole.path && known.below === hole.below)),
  ];
}

/** True when the chain reaches the organization, every one below it and everybody there. */
export const coversBelow = (chain: Chain, path: string): boolean =>
  regionsOf(chain).some(
    (region) =>
      region.place.below &&
      !region.users &&
      region.reports.length === 0 &&
      (region.place.path === '' || isAtOrBelow(path, region.place.path)) &&
      !region.holes.some((hole) => placeOverlap(hole, { id: '', path, below: true })),
  );
