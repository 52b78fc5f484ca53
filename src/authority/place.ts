/**
 * Places: paths of the organization tree. One code of [a-z0-9] per level, joined by '.'. A bare prefix is never
 * below-ness: `a1` is not above `a10`.
 */
export type Place = { id: string; path: string; below: boolean };
export type Hole = Place;

/** True when `path` is `of` itself or lies below it. */
export function isAtOrBelow(path: string, of: string): boolean {
  return path === of || path.startsWith(`${of}.`);
}

/** A place and those above it, from the top: `a.b.c` gives `a`, `a.b` and `a.b.c`. */
export const ancestorsOf = (path: string): string[] =>
  path.split('.').map((_, index, codes) => codes.slice(0, index + 1).join('.'));

/** True when `path` lies strictly above `of`. */
export function isAbove(path: string, of: string): boolean {
  return of.startsWith(`${path}.`);
}

export const placeCovers = (place: Place, path: string): boolean =>
  place.below ? isAtOrBelow(path, place.path) : path === place.path;

/** True when every organization in `inner` is in `outer`. */
export const placeWithin = (inner: Place, outer: Place): boolean =>
  inner.below ? outer.below && isAtOrBelow(inner.path, outer.path) : placeCovers(outer, inner.path);

/** What two places have in common: one of them, or nothing. Subtrees are nested or disjoint. */
export function placeOverlap(one: Place, other: Place): Place | undefined {
  if (placeWithin(one, other)) return one;
  if (placeWithin(other, one)) return other;
  return undefined;
}

/** No place named: a box of named users lies wherever the links above it reach; the instance itself reaches all. */
export const everywhere: Place = { id: '', path: '', below: true };
