import { missingFrom } from '../authority/decide.ts';
import type { Box, Chain, Link, Target } from '../authority/delegation.ts';
import { stopOf } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { Ceilings } from '../authority/holds.ts';
import { type Hole, isAtOrBelow, type Place, placeOverlap } from '../authority/place.ts';
import type { Region } from '../authority/region.ts';
import { type ApplicationOf, limitWithin, mayHangBelow, passingOnLeft } from '../authority/within.ts';
import { chainBy, placesOf, type Regive, type Relocation, relocated, widestRegions } from './moving.ts';
import { intersectLimits, limitOf } from './rules.ts';

/** Who moves, and under which of their links they may give. */
export type Mover = {
  userId: string | null;
  membershipId: string | null;
  /** their chains, settled, with the places as they stand afterwards; the instance holds the root row */
  chains: Chain[];
  /** the people who act when this actor does: nothing is given to oneself */
  selves: readonly string[];
  facts: Pick<Facts, 'at' | 'exceptions'>;
};

export type Surroundings = {
  to: Relocation;
  mover: Mover;
  /** place and person of each delegate, as they stand afterwards; by link */
  delegates: ReadonlyMap<string, Target>;
  /** organizations' own standing delegations around, in whatever state: the place of now -> the link */
  standings: { path: string; id: string }[];
  applicationOf: ApplicationOf;
};

const parentPath = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.'))) || path;

/** The ceilings as they stand after the move. */
export const ceilingsAfter = (
  { standings }: Pick<Surroundings, 'standings'>,
  to: Relocation,
  after: ReadonlyMap<string, Link>,
  at: Date,
): Ceilings =>
  new Ceilings(
    at,
    standings.flatMap(({ path, id }) => {
      const link = after.get(id);
      return link ? [{ path: to.path(path), chain: chainBy(after, link) }] : [];
    }),
  );

/**
 * Gives the part of a link that goes along anew: below the mover's link that permits `delegation.create` over its places
 * and its holder; or below the standing delegation there, where the mover stands above that. What comes of it is what
 * the old chain and the new one both give; where that is nothing, it ends.
 */
export function regiverOf(around: Surroundings): Regive {
  const { to, mover, delegates, applicationOf } = around;
  return (link, going, oldAbove, after) => {
    if (link.delegateUserId && mover.selves.includes(link.delegateUserId)) return undefined;
    const rest = revivable(oldAbove, mover.facts.at);
    if (!rest) return undefined;
    const places = going.flatMap((box) => placesOf(box, link)).map((place) => to.place(place));
    const [first] = places;
    const delegate = delegates.get(link.id);
    if (!first || !delegate) return undefined;
    const ceilings = ceilingsAfter(around, to, after, mover.facts.at);
    const ownStanding = link.delegateKind === 'organization' && delegate.path === first.path;
    const standingFor = ownStanding ? parentPath(first.path) : first.path;
    const holder = ownStanding ? { ...delegate, id: null, path: parentPath(first.path) } : delegate;
    for (const because of mover.chains) {
      const may = (target: Target): boolean =>
        !missingFrom(because, 'delegation.create', target, mover.facts);
      if (!places.every(({ id, path }) => may({ ...holder, organizationId: id, path, userId: undefined })))
        continue;
      if (!may(holder)) continue;
      const standing = ceilings
        .standingOf(standingFor)
        .filter(
          (chain) =>
            chain[0]!.id !== link.id &&
            chain[0]!.chain.includes(because[0]!.id) &&
            !chain[0]!.chain.includes(link.id) &&
            chain[0]!.scope.some((box) => box.places?.some(({ path }) => isAtOrBelow(first.path, path))),
        );
      for (const parent of standing.length > 0 ? standing : [because]) {
        if (parent.some(({ id }) => id === link.id)) continue;
        const given = meetLink(link, going, { oldAbove, parent, to, applicationOf, at: mover.facts.at });
        if (!given) continue;
        return {
          because,
          less: given.less || rest === 'paused',
          link: {
            ...given.link,
            state: rest === 'paused' ? 'paused' : link.state,
            giverUserId: mover.userId,
            giverDelegationId: because[0]!.id,
            giverMembershipId: mover.membershipId,
          },
        };
      }
    }
    return undefined;
  };
}

/** What is stopped stays stopped (ruling 4): under another link it would come to life again. */
function revivable(above: Chain, at: Date): 'as-it-was' | 'paused' | undefined {
  let found: 'as-it-was' | 'paused' = 'as-it-was';
  for (const [index, link] of above.entries()) {
    if (link.delegateKind === 'root') continue;
    if (link.state === 'ended' || at >= link.endsAt || link.mayPassOn < index + 1) return undefined;
    // Whoever gave it had to stand in the relation still; under the mover nobody would ask for that any more.
    if (link.relation || link.scope.some((box) => box.where || (box.reports && !box.reports.of)))
      return undefined;
    if (link.state === 'paused') found = 'paused';
  }
  return found;
}

type Meeting = { oldAbove: Chain; parent: Chain; to: Relocation; applicationOf: ApplicationOf; at: Date };

/** The link as both chains give it; undefined when nothing is left of it. */
function meetLink(
  link: Link,
  going: Box[],
  { oldAbove, parent, to, applicationOf, at }: Meeting,
): { link: Link; less: boolean } | undefined {
  if (stopOf(parent, at) || !mayHangBelow(parent)) return undefined;
  const both = [...oldAbove, ...parent];
  const permissions = link.permissions.filter((name) => both.every((one) => one.permissions.includes(name)));
  const endsAt = both.reduce((end, one) => (one.endsAt < end ? one.endsAt : end), link.endsAt);
  const startsAt = both.reduce(
    (start, one) => (one.startsAt > at && one.startsAt > start ? one.startsAt : start),
    link.startsAt,
  );
  const scope = meetScope(link, going, widestRegions(oldAbove), widestRegions(parent), to);
  if (permissions.length === 0 || endsAt <= at || endsAt <= startsAt || scope.boxes.length === 0)
    return undefined;
  const entitlements = intersectLimits(
    limitOf([link, ...oldAbove], applicationOf),
    limitOf(parent, applicationOf),
    applicationOf,
  );
  const mayPassOn = Math.min(link.mayPassOn, passingOnLeft(oldAbove), passingOnLeft(parent));
  const sameLimit = limitWithin(link.entitlements, entitlements, applicationOf);
  const allPermissions = permissions.length === link.permissions.length;
  return {
    link: {
      ...relocated(link, to),
      scope: scope.boxes,
      permissions,
      adminRoleId: allPermissions ? link.adminRoleId : null,
      entitlements: sameLimit ? link.entitlements : entitlements,
      startsAt,
      endsAt,
      mayPassOn,
      parentId: parent[0]!.id,
      chain: parent.map(({ id }) => id),
    },
    less: scope.less || !allPermissions || !sameLimit || endsAt < link.endsAt || mayPassOn < link.mayPassOn,
  };
}

/** The places that go, as far as both chains reach them: before the move the one, after it the other. */
function meetScope(
  link: Link,
  going: Box[],
  old: Region[],
  now: Region[],
  to: Relocation,
): { boxes: Box[]; less: boolean } {
  const boxes: Box[] = [];
  let less = false;
  for (const box of going) {
    for (const place of placesOf(box, link)) {
      const pieces = meet([{ place, holes: box.holes ?? [], users: box.users }], old).map((piece) => ({
        ...piece,
        place: to.place(piece.place),
        holes: piece.holes.map(to.hole),
      }));
      const met = meet(pieces, now);
      const whole = met.some(
        (piece) =>
          piece.place.path === to.place(place).path &&
          piece.place.below === place.below &&
          piece.holes.length === (box.holes ?? []).length &&
          piece.users?.length === box.users?.length,
      );
      if (!whole) less = true;
      // "Where the relation holds" cannot be said of a part of it.
      if (box.where) {
        if (whole) boxes.push(...relocated({ ...link, scope: [box] }, to).scope);
        continue;
      }
      for (const piece of met)
        boxes.push({
          places: [piece.place],
          ...(piece.holes.length > 0 ? { holes: piece.holes } : {}),
          ...(piece.users ? { users: piece.users } : {}),
          ...(box.reports ? { reports: box.reports } : {}),
        });
    }
  }
  return { boxes, less };
}

type Piece = { place: Place; holes: Hole[]; users: string[] | undefined };

function meet(pieces: Piece[], regions: Region[]): Piece[] {
  const found = pieces.flatMap((piece) =>
    regions.flatMap((region): Piece[] => {
      // Two boundaries of reports cannot be written as one.
      if (region.reports.length > 0) return [];
      const place = region.place.path === '' ? piece.place : placeOverlap(piece.place, region.place);
      if (!place) return [];
      const inside = region.holes.filter(
        (hole) => placeOverlap(hole, place) && !piece.holes.some((own) => own.path === hole.path),
      );
      const users = !region.users
        ? piece.users
        : piece.users
          ? piece.users.filter((id) => region.users!.includes(id))
          : region.users;
      if (users?.length === 0) return [];
      return [{ place, holes: [...piece.holes, ...inside], users }];
    }),
  );
  // One region is enough for a place that it holds whole.
  const [whole] = found.filter(({ place, holes, users }) =>
    pieces.some(
      (piece) =>
        piece.place.path === place.path &&
        piece.place.below === place.below &&
        piece.holes.length === holes.length &&
        piece.users === users,
    ),
  );
  return pieces.length === 1 && whole ? [whole] : found;
}
