import { type RawBuilder, sql } from 'kysely';
import { chainIn } from './chain.ts';
import { hasPermission, type Reports, stopOf } from './delegation.ts';
import { binds, cutsLists, type Exception } from './exception.ts';
import type { Facts } from './facts.ts';
import { type Permission, traitsOf } from './permissions.ts';
import { everywhere, type Place, placeOverlap, placeWithin } from './place.ts';
import { boxesOf, meetBoxes, mergeHoles, type Region, regionsOf, regionWithin } from './region.ts';

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
    const chain = chainIn(facts, held);
    if (held.kind !== 'administer' || !hasPermission(chain, permission) || stopOf(chain, facts.at)) continue;
    if (traits.protectedAct && held.delegateKind === 'client') continue;
    const cuts = facts.exceptions.filter((one) => cutsLists(one) && binds(one, chain, permission, facts.at));
    regions.push(...regionsOf(chain).flatMap((region) => cut(region, cuts)));
  }
  if (permission === 'request.decide') regions.push(...regionsOfDeputy(facts));
  return { regions: withoutCovered(regions), reachesOff };
}

/** What a deputy may decide: what their giver may, inside what the deputy was named for. */
function regionsOfDeputy(facts: Facts): Region[] {
  return facts.deputyFor.flatMap(({ link, giver }) => {
    const own = boxesOf(link.scope, link.offPlaces);
    return reach(giver, 'request.decide').regions.flatMap((region) => meetBoxes(region, own));
  });
}

/** An exception takes a place out for everybody, or one person out of a place. */
function cut(region: Region, exceptions: Exception[]): Region[] {
  let left = region;
  for (const { place, userId } of exceptions) {
    if (!placeOverlap(place, left.place)) continue;
    if (userId) left = { ...left, without: [...(left.without ?? []), { place, userId }] };
    else if (placeWithin(left.place, place)) return [];
    else left = { ...left, holes: mergeHoles(left.holes, [place]) };
  }
  return [left];
}

/** Leaves out regions that another one holds anyway, so that a page is not walked twice. */
function withoutCovered(regions: Region[]): Region[] {
  return regions.filter(
    (region, index) =>
      !regions.some(
        (other, at) =>
          at !== index && regionWithin(region, other) && (at < index || !regionWithin(other, region)),
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
 * about people. Rows about no person lie outside a region of named users or of reports.
 * @param line the reporting line of the row's membership, where it is at hand; it is looked up otherwise
 */
export function inReach(
  of: Reach,
  path: RawBuilder<unknown>,
  userId?: RawBuilder<unknown>,
  line?: RawBuilder<unknown>,
): RawBuilder<boolean> {
  if (of.regions.length === 0) return sql<boolean>`false`;
  const parts = of.regions.map((region) => {
    const conditions = [inPlace(region.place, path)];
    for (const hole of region.holes) conditions.push(sql<boolean>`not ${inPlace(hole, path)}`);
    if (region.users)
      conditions.push(userId ? sql<boolean>`${userId} = any (${region.users}::uuid[])` : sql<boolean>`false`);
    for (const one of region.reports)
      conditions.push(
        userId ? inReports(one, userId, line ?? sql`line_of(${userId}, ${path})`) : sql<boolean>`false`,
      );
    for (const one of region.without ?? [])
      if (userId)
        conditions.push(
          sql<boolean>`not (${inPlace(one.place, path)} and ${userId} is not distinct from ${one.userId}::uuid)`,
        );
    return sql<boolean>`(${sql.join(conditions, sql` and `)})`;
  });
  const anywhere = sql<boolean>`(${sql.join(parts, sql` or `)})`;
  return of.reachesOff ? anywhere : sql<boolean>`(${anywhere} and not place_is_off(${path}))`;
}

function inReports(
  { of, depth, except }: Reports,
  userId: RawBuilder<unknown>,
  line: RawBuilder<unknown>,
): RawBuilder<boolean> {
  const under =
    depth === 'direct'
      ? sql<boolean>`coalesce((${line})[1] = ${of}::uuid, false)`
      : sql<boolean>`coalesce(${line} @> array[${of}::uuid], false)`;
  return except ? sql<boolean>`(${under} and ${userId} <> ${except}::uuid)` : under;
}
