import type { Item, Output } from '../../api/types.ts';

/** A directory that people are read from, as the list reads it. */
export type Source = Item<'source.list'>;

/** A directory that people are read from, as its own page reads it. */
export type SourceDetail = Output<'source.read'>;
