import type { Item } from '../../api/types.ts';

/** What was passed on to somebody, as the list reads it. */
export type Delegation = Item<'delegation.list'>;
