import { traitsOf } from './permissions.ts';
import {
  type ApplicationOf,
  type Bundle,
  type Part,
  type Piece,
  type Powers,
  partKey,
  partWithin,
  permissionOf,
} from './pieces.ts';
import { isAtOrBelow, type Place } from './place.ts';

/** Places and what is not in them, in paths of the tree as it was before. */
export type Area = { path: string; below: boolean; holes: { path: string; below: boolean }[] };

/** A part of a power that comes or goes: where, and what of it stays as it is. */
export type Shift = { part: Part; areas: Area[]; but: Part[] };
export type Shifts = { gains: Shift[]; loses: Shift[] };

/** One state of the world, as far as comparing powers needs it. */
export type Ground = {
  /** topmost places that are suspended or closed */
  off: readonly string[];
};

/** An organization that went elsewhere with everything below it. */
export type Move = { from: string; to: string };

type State = 'gain' | 'loss' | 'same';
type Marker = { before: string; after: string };

/**
 * What somebody gains and loses of one act. Pure. Only places that something names can make a difference: each of them
 * is asked before and after, itself and what lies below it and below no other. The tree may move in between.
 */
export class Comparison {
  readonly #before: Ground;
  readonly #after: Ground;
  readonly #moves: readonly Move[];
  readonly #applicationOf: ApplicationOf;
  readonly #known = new Map<string, Shifts>();

  constructor(before: Ground, after: Ground, moves: ReadonlyArray<Move>, applicationOf: ApplicationOf) {
    this.#before = before;
    this.#after = after;
    this.#moves = moves;
    this.#applicationOf = applicationOf;
  }

  /** By act; acts of which nothing changes are left out. */
  of(before: Powers, after: Powers): Map<string, Shifts> {
    const shifts = new Map<string, Shifts>();
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const found = this.#shifts(key, before.get(key) ?? [], after.get(key) ?? []);
      if (found.gains.length + found.loses.length > 0) shifts.set(key, found);
    }
    return shifts;
  }

  #shifts(key: string, before: Bundle[], after: Bundle[]): Shifts {
    const { reading, aboveOff } = traitsOf(permissionOf(key));
    const reachesOff = reading === true || aboveOff === true;
    const text = [reachesOff, textOf(before), textOf(after)].join('\n\n');
    let shifts = this.#known.get(text);
    if (!shifts) {
      const had = before.flatMap(({ pieces }) => pieces);
      const has = after.flatMap(({ pieces }) => pieces);
      shifts = this.#compare(had, has, reachesOff);
      this.#known.set(text, shifts);
    }
    return shifts;
  }

  #compare(had: Piece[], has: Piece[], reachesOff: boolean): Shifts {
    const markers = this.#markers(had, has);
    const paths = markers.map(({ before }) => before);
    const parts = new Map(
      [...had, ...has]
        .flatMap(({ part, without }) => [part, ...without.map((one) => one.part)])
        .map((part) => [partKey(part), part]),
    );
    const covers = (pieces: Piece[], ground: Ground, part: Part, path: string, below: boolean): boolean =>
      !(!reachesOff && ground.off.some((place) => isAtOrBelow(path, place))) &&
      pieces.some((piece) => this.#covers(piece, part, path, below));
    const states = [...parts.values()].map((part) => ({
      part,
      at: markers.map(({ before, after }) =>
        [false, true].map((below): { was: boolean; is: boolean } => ({
          was: covers(had, this.#before, part, before, below),
          is: covers(has, this.#after, part, after, below),
        })),
      ),
    }));
    const stateAt = (part: (typeof states)[number], marker: number, below: number): State => {
      const { was, is } = part.at[marker]![below]!;
      return was === is ? 'same' : is ? 'gain' : 'loss';
    };
    const shiftsTo = (wanted: State): Shift[] =>
      states.flatMap((own) => {
        const wider = states.filter((other) => other !== own && this.#within(own.part, other.part));
        const narrower = states.filter((other) => other !== own && this.#within(other.part, own.part));
        // What of it stays as it is can differ from place to place: each such set is said for itself.
        const sets = new Map<string, { but: Part[]; here: [boolean, boolean][] }>();
        for (const marker of markers.keys())
          for (const below of [0, 1] as const) {
            if (stateAt(own, marker, below) !== wanted) continue;
            // Said of a wider part already.
            if (wider.some((other) => stateAt(other, marker, below) === wanted)) continue;
            const but = narrower
              .filter((other) => stateAt(other, marker, below) !== wanted)
              .map(({ part }) => part);
            const key = but.map(partKey).join('\n');
            const set = sets.get(key) ?? { but, here: markers.map((): [boolean, boolean] => [false, false]) };
            set.here[marker]![below] = true;
            sets.set(key, set);
          }
        return [...sets.values()].map(({ but, here }) => ({
          part: own.part,
          areas: areasOf(paths, here),
          but,
        }));
      });
    return { gains: shiftsTo('gain'), loses: shiftsTo('loss') };
  }

  #within = (inner: Part, outer: Part): boolean => partWithin(inner, outer, this.#applicationOf);

  #covers({ part: own, place, holes, without }: Piece, part: Part, path: string, below: boolean): boolean {
    return (
      isIn(place, path, below) &&
      this.#within(part, own) &&
      !holes.some((hole) => isIn(hole, path, below)) &&
      !without.some((one) => isIn(one.place, path, below) && this.#within(part, one.part))
    );
  }

  #markers(had: Piece[], has: Piece[]): Marker[] {
    const named = (pieces: Piece[]): string[] =>
      pieces.flatMap(({ place, holes, without }) => [
        place.path,
        ...holes.map(({ path }) => path),
        ...without.map((one) => one.place.path),
      ]);
    const places = new Set([...named(had), ...named(has).map((path) => this.#backwards(path))]);
    const tops = [...places];
    const under = (path: string): boolean => tops.some((top) => top === '' || isAtOrBelow(path, top));
    for (const off of [...this.#before.off, ...this.#after.off.map((path) => this.#backwards(path))])
      if (under(off)) places.add(off);
    // Below the new place it lies below whoever holds that; its own path says where it was.
    for (const { from, to } of this.#moves)
      if (under(from) || named(has).some((path) => path === '' || isAtOrBelow(to, path))) places.add(from);
    places.delete('');
    return [...places].sort().map((before) => ({ before, after: this.#forwards(before) }));
  }

  #forwards = (path: string): string => rebased(path, this.#moves);
  #backwards = (path: string): string =>
    rebased(
      path,
      this.#moves.map(({ from, to }) => ({ from: to, to: from })),
    );
}

const textOf = (bundles: Bundle[]): string => [...new Set(bundles.map(({ text }) => text))].sort().join('\n');

function rebased(path: string, moves: readonly Move[]): string {
  const move = moves.find(({ from }) => isAtOrBelow(path, from));
  return move ? `${move.to}${path.slice(move.from.length)}` : path;
}

/** Is the place itself, or what lies anywhere below it, in there? */
const isIn = (place: Place, path: string, below: boolean): boolean =>
  place.path === '' || (place.below ? isAtOrBelow(path, place.path) : !below && path === place.path);

/**
 * Areas from answers at sorted places, each for itself and for what is below it: with all that is below where that is
 * so, less what lies below and is otherwise.
 */
function areasOf(paths: readonly string[], here: readonly [boolean, boolean][]): Area[] {
  const areas: Area[] = [];
  const around: { path: string; area: Area | undefined }[] = [];
  for (const [index, path] of paths.entries()) {
    const [self, below] = here[index]!;
    while (around.length > 0 && !isAtOrBelow(path, around.at(-1)!.path)) around.pop();
    const inside = around.at(-1)?.area;
    if (inside) {
      if (!below) inside.holes.push({ path, below: true });
      else if (!self) inside.holes.push({ path, below: false });
      if (self && !below) areas.push({ path, below: false, holes: [] });
      around.push({ path, area: below ? inside : undefined });
    } else if (below) {
      const area: Area = { path, below: true, holes: self ? [] : [{ path, below: false }] };
      areas.push(area);
      around.push({ path, area });
    } else {
      if (self) areas.push({ path, below: false, holes: [] });
      around.push({ path, area: undefined });
    }
  }
  return areas;
}
