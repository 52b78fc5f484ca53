import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { deliveryStates, deliveryView, listDeliveries } from '../webhooks/deliveries.ts';
import { hookTarget } from '../webhooks/store.ts';

export const webhookDeliveryList = operation({
  name: 'webhook-delivery.list',
  summary: 'List what a webhook sent and tried to send, the newest first.',
  http: 'GET /webhooks/{webhookId}/deliveries',
  input: z.object({
    webhookId: z.uuid(),
    state: z.enum(deliveryStates).optional().describe('`failed`: the dead letters.'),
    ...pageInput,
  }),
  output: pageOf(deliveryView),
  needs: {
    permission: 'webhook.configure',
    target: (db, input) => hookTarget(db, input.webhookId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: (context, { webhookId, ...page }) => listDeliveries(context, webhookId, page),
});
