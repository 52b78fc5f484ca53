import type { Output } from '../../api/types.ts';

/** Somebody in one organization, as their page reads them. */
export type Person = Output<'membership.read'>;
