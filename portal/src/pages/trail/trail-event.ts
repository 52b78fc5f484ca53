import type { Item } from '../../api/types.ts';

/** One thing that was done, as the trail reads it. */
export type TrailEvent = Item<'event.list'>;
