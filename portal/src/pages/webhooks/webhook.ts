import type { Item } from '../../api/types.ts';

/** Another system that is told what happens, as the list reads it. */
export type Webhook = Item<'webhook.list'>;
