import type { Holder } from '../authority/holders.ts';

/** A place with more managers than these has a first few whom it concerns; everybody would leave it to the others. */
const mostManagers = 5;

/** Of those who may do it, who come nearest first: a few who look after the nearest place. */
export const nearestOf = (able: readonly Holder[]): Holder[] =>
  able.filter((one) => depth(one) === depth(able[0]!)).slice(0, mostManagers);

/** How deep the place lies that somebody looks after. */
const depth = ({ because }: Holder): number =>
  Math.max(
    0,
    ...(because[0]?.scope ?? []).flatMap((box) =>
      (box.places ?? []).map(({ path }) => path.split('.').length),
    ),
  );
