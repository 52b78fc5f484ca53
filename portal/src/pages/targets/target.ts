import type { Item, Output } from '../../api/types.ts';

/** A connected system, as the list reads it. */
export type Target = Item<'target.list'>;

/** A connected system, as its own page reads it. */
export type TargetDetail = Output<'target.read'>;
