import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { instantText } from '../../platform/dates.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import { ofHook } from '../webhooks/deliveries.ts';
import { hookTarget, readHook } from '../webhooks/store.ts';

/** Of all since a day; whoever has more sends again. */
const mostReplayed = 10_000;

export const webhookDeliveryReplay = operation({
  name: 'webhook-delivery.replay',
  summary: 'Send dead letters of a webhook again, under the ids they had: chosen ones, or all since a day.',
  http: 'POST /webhooks/{webhookId}/deliveries/replay',
  input: z.object({
    webhookId: z.uuid(),
    deliveryIds: z.array(z.uuid()).min(1).max(200).optional(),
    since: instantText.optional().describe('All that were made since then; with neither, all.'),
  }),
  output: z.object({ replayed: z.number().int() }),
  needs: {
    permission: 'webhook.configure',
    target: (db, input) => hookTarget(db, input.webhookId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['webhook-delivery.replayed'],
  run: async (context, { webhookId, deliveryIds, since }) => {
    const { db, at, target } = context;
    const hook = (await readHook(db, webhookId, { lock: true }))!;
    if (hook.state !== 'active') throw refuse('webhook.off');
    const { rows } = await sql`
      with chosen as (
        select d.id from webhook_delivery d where ${ofHook(context, webhookId)} and d.state = 'failed'
          ${deliveryIds ? sql`and d.id = any (${deliveryIds}::uuid[])` : sql``}
          ${since ? sql`and d.created_at >= ${since}::timestamptz` : sql``}
        order by d.id limit ${mostReplayed})
      update webhook_delivery d set state = 'waiting', attempts = 0, next_at = ${at}, last_status = null, last_problem = null
      from chosen where d.id = chosen.id returning 1`.execute(db);
    const replayed = rows.length;
    if (replayed === 0) {
      context.nothingChanged();
      return { replayed };
    }
    await sql`update webhook set rests_until = null where id = ${webhookId}`.execute(db);
    await sendJob(db, 'webhook', { webhookId });
    context.record({
      type: 'webhook-delivery.replayed',
      targetKind: 'webhook',
      targetId: webhookId,
      organizationId: target.organizationId,
      path: target.path,
      after: { replayed, since: since ?? null },
      personal: { name: hook.name },
    });
    return { replayed };
  },
});
