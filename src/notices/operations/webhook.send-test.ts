import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { newId } from '../../platform/ids.ts';
import { sendJob } from '../../platform/jobs.ts';
import { refuse } from '../../platform/refusals.ts';
import { deliveryView, readDelivery } from '../webhooks/deliveries.ts';
import { testType } from '../webhooks/rules.ts';
import { hookTarget, readHook } from '../webhooks/store.ts';

export const webhookSendTest = operation({
  name: 'webhook.send-test',
  summary: 'Send a test to a webhook at once; its delivery says what came of it.',
  http: 'POST /webhooks/{webhookId}/test',
  input: z.object({ webhookId: z.uuid() }),
  output: deliveryView,
  needs: {
    permission: 'webhook.configure',
    target: (db, input) => hookTarget(db, input.webhookId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['webhook.tested'],
  run: async (context, { webhookId }) => {
    const { db, at, target } = context;
    const hook = (await readHook(db, webhookId, { lock: true }))!;
    if (hook.state !== 'active') throw refuse('webhook.off');
    const { rows: waiting } = await sql<{ id: string }>`
      select id from webhook_delivery where webhook_id = ${webhookId} and state = 'waiting' and event_id is null
        and attempts = 0`.execute(db);
    if (waiting[0]) {
      context.nothingChanged();
      return await readDelivery(context, waiting[0].id);
    }
    const id = newId(at.getTime());
    // By hand, on purpose, and it tells of nothing: no ten seconds to undo it in. What rests is woken for it.
    await sql`
      insert into webhook_delivery (id, webhook_id, event_type, organization_id, next_at)
      values (${id}, ${webhookId}, ${testType}, ${hook.organizationId}, ${at})`.execute(db);
    await sql`update webhook set rests_until = null where id = ${webhookId}`.execute(db);
    await sendJob(db, 'webhook', { webhookId });
    context.record({
      type: 'webhook.tested',
      targetKind: 'webhook',
      targetId: webhookId,
      organizationId: target.organizationId,
      path: target.path,
      after: { deliveryId: id },
      personal: { name: hook.name },
    });
    return await readDelivery(context, id);
  },
});
