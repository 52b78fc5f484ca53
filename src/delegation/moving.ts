import type { Box, Chain, Link } from '../authority/delegation.ts';
import { stopOf } from '../authority/delegation.ts';
import { type Place, placeCovers, placeOverlap } from '../authority/place.ts';
import { type Region, regionsOf } from '../authority/region.ts';

/**
 * What happens to the links of an organization that goes elsewhere in the tree (design, section 2, point 7). Pure: what
 * stands is loaded before, what has to be written is said after. A move takes everything below along; a merger takes
 * one organization into another.
 */
export type Relocation = {
  /** does this place go? */
  goes: (path: string) => boolean;
  /** where it stands afterwards */
  place: <P extends Place>(place: P) => P;
  /** what a scope takes out goes along in a move; in a merger it must not take the other organization out */
  hole: (hole: Place) => Place;
  path: (path: string) => string;
  organization: (id: string) => string;
  /** every link of the place is given anew, also one whose parent covers both places: it would reach more */
  always: boolean;
  /** links that end whatever is decided, such as what a merged organization itself may hand out */
  ends: (link: Link) => boolean;
};

/** Everything below `from` goes to `to`. */
export function movedTo(from: string, to: string): Relocation {
  const goes = (path: string): boolean => path === from || path.startsWith(`${from}.`);
  const path = (of: string): string => (goes(of) ? `${to}${of.slice(from.length)}` : of);
  const place = <P extends Place>(of: P): P => (goes(of.path) ? { ...of, path: path(of.path) } : of);
  return { goes, path, place, hole: place, organization: (id) => id, always: false, ends: () => false };
}

/** One organization, whose children have gone already, becomes part of another. */
export function mergedInto(
  from: { id: string; path: string },
  into: { id: string; path: string },
): Relocation {
  const goes = (path: string): boolean => path === from.path;
  return {
    goes,
    path: (path) => (goes(path) ? into.path : path),
    place: (place) => (goes(place.path) ? { ...place, id: into.id, path: into.path } : place),
    hole: (hole) => hole,
    organization: (id) => (id === from.id ? into.id : id),
    always: true,
    ends: (link) => link.delegateKind === 'organization' && link.delegateOrganizationId === from.id,
  };
}

/** The link with its places where they stand afterwards. */
export const relocated = (link: Link, to: Relocation): Link => ({
  ...link,
  scope: link.scope.map((box) => ({
    ...box,
    ...(box.places ? { places: box.places.map(to.place) } : {}),
    ...(box.holes ? { holes: box.holes.map(to.hole) } : {}),
  })),
  relationPath: link.relationPath && to.path(link.relationPath),
  delegateOrganizationId:
    link.relation && link.delegateOrganizationId
      ? to.organization(link.delegateOrganizationId)
      : link.delegateOrganizationId,
});

/**
 * A link with what is not settled taken at its widest: reports of whoever uses it as everybody there, "where the relation
 * holds" as everything there. Whether something is suspended at this moment does not matter to where it may reach.
 */
export const widest = (link: Link): Link => ({
  ...link,
  offPlaces: [],
  scope: link.scope.map(({ where, reports, ...box }) => ({
    ...box,
    ...(reports?.of ? { reports } : {}),
    ...(where ? { places: [relationPlace(link)] } : {}),
  })),
});

const relationPlace = (link: Link): Place => ({
  id: link.delegateOrganizationId ?? '',
  path: link.relationPath ?? '',
  below: true,
});

export const widestRegions = (chain: Chain): Region[] => regionsOf(chain.map(widest));

/** The places that a box names, or the one that its relation is read in. */
export const placesOf = (box: Box, link: Link): Place[] =>
  box.where ? [relationPlace(link)] : (box.places ?? []);

/** The part of a scope that goes, and the part that stays; a box of people without a place stays. */
export function split(link: Link, to: Relocation): { going: Box[]; staying: Box[] } {
  const going: Box[] = [];
  const staying: Box[] = [];
  for (const box of link.scope) {
    const places = placesOf(box, link);
    const leaving = places.filter(({ path }) => to.goes(path));
    if (leaving.length > 0) going.push(box.where ? box : { ...box, places: leaving });
    if (leaving.length < places.length && !box.where)
      staying.push({ ...box, places: places.filter(({ path }) => !to.goes(path)) });
    if (places.length === 0) staying.push(box);
  }
  return { going, staying };
}

/** What becomes of one link. */
export type Fate =
  /** hangs below a link of the mover from now on, with what both the old chain and the new one give */
  | { kind: 're-given'; before: Link; after: Link; because: Chain; less: boolean }
  /** keeps the places that stay; those that go are a new link below the mover's, where that can be given */
  | { kind: 'split'; before: Link; after: Link; given: (Link & { because: Chain }) | undefined }
  | { kind: 'ended'; before: Link }
  /** nothing is written on it: what it hung below has ended */
  | { kind: 'ended-with'; before: Link };

export type Standing = {
  /**
   * Every link that a place of the moved ones is named in, and everything below them; and those that something may come
   * to hang below. All with all their ancestors: afterwards chains are read by parents, and one that is missing cuts them.
   */
  links: ReadonlyMap<string, Link>;
  at: Date;
};

/** Gives a part of a link anew below somebody's, after the move; undefined where it cannot. */
export type Regive = (
  link: Link,
  going: Box[],
  above: Chain,
  after: ReadonlyMap<string, Link>,
) => { link: Link; because: Chain; less: boolean } | undefined;

/** What becomes of each link, from the top down, so that what hangs below one that is given anew stays with it. */
export function fatesOf(
  { links, at }: Standing,
  to: Relocation,
  regive: Regive,
  newId: () => string,
): { fates: Fate[]; after: Map<string, Link> } {
  const after = new Map([...links].map(([id, link]) => [id, relocated(link, to)]));
  const ended = new Set<string>();
  const parts = new Map<string, string>();
  const fates: Fate[] = [];
  const told = new Set<string>();
  const inOrder = [...links.values()].sort((one, other) => one.chain.length - other.chain.length);
  for (const before of inOrder) {
    if (!isAlive(before, at)) continue;
    const { going, staying } = split(before, to);
    if (going.length === 0) continue;
    const now = after.get(before.id)!;
    const above = chainBy(after, now).slice(1);
    const cut = above.some(({ id }) => ended.has(id));
    if (!to.always && !cut && !to.ends(before) && reaches(above, now, going, to)) continue;
    const oldAbove = before.chain.map((id) => links.get(id)!);
    const part = parts.get(before.parentId ?? '');
    const given =
      to.ends(before) || oldAbove.includes(undefined as never)
        ? undefined
        : (part && belowPart(before, going, oldAbove, chainBy(after, after.get(part)!), to)) ||
          regive(before, going, oldAbove, after);
    told.add(before.id);
    if (staying.length > 0) {
      const left = relocated({ ...before, scope: staying }, to);
      after.set(before.id, left);
      const id = newId();
      if (given) {
        after.set(id, { ...given.link, id });
        parts.set(before.id, id);
      }
      fates.push({
        kind: 'split',
        before,
        after: left,
        given: given && { ...given.link, id, because: given.because },
      });
    } else if (given) {
      after.set(before.id, given.link);
      fates.push({ kind: 're-given', before, after: given.link, because: given.because, less: given.less });
    } else {
      ended.add(before.id);
      after.set(before.id, { ...now, state: 'ended', endedAt: at });
      fates.push({ kind: 'ended', before });
    }
  }
  fates.push(...brokenBy(links, after, told, at));
  return { fates, after };
}

/** What was given from a link that was split hangs below the part of it that went along. */
const belowPart = (
  link: Link,
  going: Box[],
  oldAbove: Chain,
  parent: Chain,
  to: Relocation,
): { link: Link; because: Chain; less: boolean } | undefined => {
  const scope = relocated({ ...link, scope: going }, to).scope;
  if (oldAbove.length === 0 || !parent[0]) return undefined;
  const chain = parent.map(({ id }) => id);
  return {
    link: { ...relocated(link, to), scope, parentId: chain[0]!, chain },
    because: parent,
    less: false,
  };
};

export const isAlive = (link: Link, at: Date): boolean =>
  link.kind === 'administer' && link.delegateKind !== 'root' && link.state !== 'ended' && link.endsAt > at;

/** The chain as it stands afterwards: by parents, because the list of ancestors is a copy. */
export function chainBy(links: ReadonlyMap<string, Link>, link: Link): Chain {
  const chain: Chain = [];
  for (let one: Link | undefined = link; one && chain.length < 1100; one = links.get(one.parentId ?? ''))
    chain.push(one);
  return chain.map((one, index) => ({ ...one, chain: chain.slice(index + 1).map(({ id }) => id) }));
}

/** Do the links above still reach every place that goes? */
function reaches(above: Chain, link: Link, going: Box[], to: Relocation): boolean {
  const regions = widestRegions(above);
  return going
    .flatMap((box) => placesOf(box, link).map((place) => to.place(place)))
    .every((place) =>
      regions.some(
        (region) =>
          placeOverlap(place, region.place) && !region.holes.some((hole) => placeCovers(hole, place.path)),
      ),
    );
}

/** Links that were in force and are not any more, because of what became of those above; too deep now, they end. */
function brokenBy(
  links: ReadonlyMap<string, Link>,
  after: ReadonlyMap<string, Link>,
  told: ReadonlySet<string>,
  at: Date,
): Fate[] {
  const fates: Fate[] = [];
  for (const before of links.values()) {
    if (told.has(before.id) || !isAlive(before, at)) continue;
    if (stopOf(chainBy(links, before), at)) continue;
    const stop = stopOf(chainBy(after, after.get(before.id)!), at);
    if (stop) fates.push({ kind: stop.reason === 'too-deep' ? 'ended' : 'ended-with', before });
  }
  return fates;
}
