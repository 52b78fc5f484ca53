import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { buryWaiting, hookState, hookTarget, readHook } from '../webhooks/store.ts';
import { hookView, viewOfHook } from '../webhooks/view.ts';

export const webhookRetire = operation({
  name: 'webhook.retire',
  summary: 'Remove a webhook; nothing more is sent, and its secret is forgotten.',
  http: 'POST /webhooks/{webhookId}/retire',
  input: z.object({ webhookId: z.uuid() }),
  output: hookView,
  needs: {
    permission: 'webhook.configure',
    target: (db, input) => hookTarget(db, input.webhookId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['webhook.retired'],
  run: async (context, { webhookId }) => {
    const { db, at, target } = context;
    const hook = (await readHook(db, webhookId, { lock: true }))!;
    context.checkVersion(hook.version);
    const before = await hookState(db, webhookId);
    await buryWaiting(db, webhookId);
    await sql`
      update webhook set state = 'retired', off_why = null, secret = '', old_secret = null, old_secret_until = null,
        changed_at = ${at}, version = version + 1 where id = ${webhookId}`.execute(db);
    context.record({
      type: 'webhook.retired',
      targetKind: 'webhook',
      targetId: webhookId,
      organizationId: target.organizationId,
      path: target.path,
      before,
      after: await hookState(db, webhookId),
      personal: { name: hook.name },
    });
    return viewOfHook((await readHook(db, webhookId))!);
  },
});
