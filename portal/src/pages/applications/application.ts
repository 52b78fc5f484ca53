import type { Output } from '../../api/types.ts';

/** An application, as its page reads it. */
export type Application = Output<'application.read'>;
