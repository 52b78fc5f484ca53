import type { Item } from '../api/types.ts';

/** What can be asked for, in the order in which it is offered. */
export const requestKinds = [
  'access',
  'extension',
  'ending',
  'last-day',
  'account',
  'organization',
  'delegation',
] as const satisfies readonly Item<'request.list'>['kind'][];
export type RequestKind = (typeof requestKinds)[number];
