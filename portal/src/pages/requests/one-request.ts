import type { Output } from '../../api/types.ts';

/** A request with all that was said and done about it. */
export type OneRequest = Output<'request.read'>;
