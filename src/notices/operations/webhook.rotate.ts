import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { newSecret } from '../../platform/webhook-signature.ts';
import { opens, sealedSecret } from '../webhooks/secrets.ts';
import { hookState, hookTarget, readHook } from '../webhooks/store.ts';
import { hookView, viewOfHook } from '../webhooks/view.ts';

/** Long enough for somebody to change it at the other end tomorrow morning. */
const besideHours = 24;

export const webhookRotate = operation({
  name: 'webhook.rotate',
  summary: 'Give a webhook a new secret; for a day the one of before signs beside it.',
  http: 'POST /webhooks/{webhookId}/rotate',
  input: z.object({
    webhookId: z.uuid(),
    atOnce: z
      .boolean()
      .default(false)
      .describe('The old one is known to somebody: it signs nothing any more.'),
  }),
  output: hookView.extend({ secret: z.string().describe('Checks its signatures; shown this once.') }),
  needs: {
    permission: 'webhook.configure',
    target: (db, input) => hookTarget(db, input.webhookId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['webhook.rotated'],
  secretOutput: true,
  run: async (context, { webhookId, atOnce }) => {
    const { db, at, target, config } = context;
    const hook = (await readHook(db, webhookId, { lock: true }))!;
    context.checkVersion(hook.version);
    const before = await hookState(db, webhookId);
    const secret = newSecret();
    // One whose key is lost signs nothing: a new secret is the way on.
    const both = !atOnce && opens(config, hook);
    await sql`
      update webhook set secret = ${sealedSecret(config, webhookId, secret)}, old_secret = case when ${both} then secret end,
        old_secret_until = case when ${both} then ${at}::timestamptz + make_interval(hours => ${besideHours}) end,
        changed_at = ${at}, version = version + 1 where id = ${webhookId}`.execute(db);
    context.record({
      type: 'webhook.rotated',
      targetKind: 'webhook',
      targetId: webhookId,
      organizationId: target.organizationId,
      path: target.path,
      before,
      after: await hookState(db, webhookId),
      personal: { name: hook.name },
    });
    return { ...viewOfHook((await readHook(db, webhookId))!), secret };
  },
});
