import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { hookTarget, readHook } from '../webhooks/store.ts';
import { hookView, viewOfHook } from '../webhooks/view.ts';

export const webhookRead = operation({
  name: 'webhook.read',
  summary: 'Read one webhook: what it is told, where, and whether its endpoint takes it.',
  http: 'GET /webhooks/{webhookId}',
  input: z.object({ webhookId: z.uuid() }),
  output: hookView,
  needs: {
    permission: 'webhook.configure',
    target: (db, input) => hookTarget(db, input.webhookId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async ({ db }, { webhookId }) => viewOfHook((await readHook(db, webhookId))!),
});
