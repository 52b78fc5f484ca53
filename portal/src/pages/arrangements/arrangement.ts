import type { Output } from '../../api/types.ts';

/** A kept set of what a newcomer gets, as the list reads it. */
export type Arrangement = Output<'arrangement.list'>['items'][number];
