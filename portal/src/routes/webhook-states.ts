import type { Item } from '../api/types.ts';

/** Of what was sent; apart, so that the routes do not load the pages. */
export const deliveryStates = [
  'waiting',
  'sent',
  'failed',
  'withheld',
] as const satisfies readonly Item<'webhook-delivery.list'>['state'][];
