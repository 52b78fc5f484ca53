import type { Item } from '../api/types.ts';

/** Of what was found at a system; apart, so that the routes do not load the pages. */
export const differenceKinds = [
  'orphan',
  'missing',
  'drift',
  'double',
] as const satisfies readonly Item<'difference.list'>['kind'][];

export type DifferenceKind = (typeof differenceKinds)[number];
