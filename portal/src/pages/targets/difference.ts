import type { Output } from '../../api/types.ts';

/** What a comparison found at a connected system. */
export type Differences = Output<'difference.list'>;

/** One account that is not as it should be. */
export type Difference = Differences['items'][number];
