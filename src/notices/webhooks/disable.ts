import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { hookState, readHook, switchOff } from './store.ts';

/**
 * Switches off a webhook whose endpoint wants or takes nothing any more. Not in the registry: only the instance itself
 * does it, and the trail says so.
 */
export const disableWebhook = operation({
  name: 'webhook.disable',
  summary: 'Switch off a webhook whose endpoint takes nothing.',
  http: 'POST /webhooks/{webhookId}/disable',
  input: z.object({ webhookId: z.uuid(), why: z.enum(['gone', 'failing']) }),
  output: z.object({}),
  needs: 'public',
  effect: 'changing',
  events: ['webhook.disabled'],
  run: async (context, { webhookId, why }) => {
    const { db, at } = context;
    const hook = await readHook(db, webhookId, { lock: true });
    if (hook?.state !== 'active') {
      context.nothingChanged();
      return {};
    }
    const before = await hookState(db, webhookId);
    await switchOff(db, webhookId, why, at);
    context.record({
      type: 'webhook.disabled',
      targetKind: 'webhook',
      targetId: webhookId,
      organizationId: hook.organizationId,
      path: hook.path,
      before,
      after: await hookState(db, webhookId),
      personal: { name: hook.name },
    });
    return {};
  },
});
