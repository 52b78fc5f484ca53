import { type Place, placeOverlap } from '../authority/place.ts';
import type { Reach } from '../authority/reach.ts';
import type { Region } from '../authority/region.ts';

/** Levels of the tree at most: a bound on every walk up it (I59). */
export const deepest = 24;

export const levelOf = (path: string): number => path.split('.').length;

/** The path of a parent's next child: one short code of [a-z0-9] a level. */
export const childPath = (parentPath: string, code: number): string => `${parentPath}.${code.toString(36)}`;

/** How a name is filed: case and accents do not count, so that `Ångström` stands with `angstrom` and is found by it. */
export function sortName(displayName: string): string {
  return displayName.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim().replace(/\s+/g, ' ');
}

/** Text somebody typed, as a LIKE pattern's inside: `%`, `_` and `\` are what they say. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** The part of a reach that lies in one place; what it does not touch drops out. */
export function narrowTo(reach: Reach, place: Place): Reach {
  const regions = reach.regions.flatMap((region): Region[] => {
    const overlap = placeOverlap(region.place, place);
    if (!overlap) return [];
    return [{ ...region, place: overlap, holes: region.holes.filter((hole) => placeOverlap(hole, overlap)) }];
  });
  return { ...reach, regions };
}

/** How a person's membership stands at an instant, as lists show it. */
export const memberStates = ['active', 'no-sign-in', 'not-begun', 'suspended', 'left'] as const;
export type MemberState = (typeof memberStates)[number];

export type Standing = {
  state: 'active' | 'suspended' | 'ended';
  userState: 'active' | 'suspended' | 'erased';
  startsAt: Date;
  endsAt: Date;
  hasSignIn: boolean;
};

/** The first of these that is true; SQL says the same in `people.ts`, and a test holds the two together. */
export function memberState(of: Standing, at: Date): MemberState {
  if (of.state === 'ended' || of.endsAt <= at) return 'left';
  if (of.state === 'suspended' || of.userState !== 'active') return 'suspended';
  if (of.startsAt > at) return 'not-begun';
  return of.hasSignIn ? 'active' : 'no-sign-in';
}
