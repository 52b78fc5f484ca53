import type { Output } from '../../api/types.ts';

/** An organization, as its page reads it. */
export type Organization = Output<'organization.read'>;
