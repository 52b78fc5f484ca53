import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { hookState, hookTarget, readHook, switchOff } from '../webhooks/store.ts';
import { checkHook, hookFields, hookView, viewOfHook, whoSavesHook } from '../webhooks/view.ts';

export const webhookUpdate = operation({
  name: 'webhook.update',
  summary: 'Change a webhook, or switch it off or on; from then on it tells what you may see.',
  http: 'PATCH /webhooks/{webhookId}',
  input: z.object({
    webhookId: z.uuid(),
    name: hookFields.name.optional(),
    url: hookFields.url.optional(),
    format: hookFields.format.optional(),
    language: hookFields.language.optional(),
    types: hookFields.types.optional(),
    templates: hookFields.templates.optional(),
    on: z
      .boolean()
      .optional()
      .describe('false: what waits becomes dead letters; true: on again, and nothing is sent by itself.'),
  }),
  output: hookView,
  needs: {
    permission: 'webhook.configure',
    target: (db, input) => hookTarget(db, input.webhookId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['webhook.updated'],
  run: async (context, { webhookId, on, ...input }) => {
    const { db, at, target } = context;
    const hook = (await readHook(db, webhookId, { lock: true }))!;
    context.checkVersion(hook.version);
    const after = { ...hook, ...input };
    checkHook(context, after);
    const before = await hookState(db, webhookId);
    // Whose decision it is from now on: whoever changed it last.
    const by = whoSavesHook(context);
    const { rows } = await sql`
      update webhook w set name = ${after.name}, url = ${after.url}, format = ${after.format}, language = ${after.language},
        types = ${after.types}::text[], templates = ${JSON.stringify(after.templates)}::jsonb,
        saved_by = ${by.userId}, saved_in = ${by.membershipId}, saved_under = ${by.under}, changed_at = ${at}, version = version + 1
      where w.id = ${webhookId} and not exists (select 1 from webhook other where other.organization_id = w.organization_id
        and lower(other.name) = lower(${after.name}) and other.id <> w.id and other.state <> 'retired')
      returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    if (on === false && hook.state === 'active') await switchOff(db, webhookId, 'by-hand', at);
    if (on && hook.state === 'off')
      await sql`update webhook set state = 'active', off_why = null, failing_since = null, rests_until = null
        where id = ${webhookId}`.execute(db);
    context.record({
      type: 'webhook.updated',
      targetKind: 'webhook',
      targetId: webhookId,
      organizationId: target.organizationId,
      path: target.path,
      before,
      after: await hookState(db, webhookId),
      personal: { name: after.name },
    });
    return viewOfHook((await readHook(db, webhookId))!);
  },
});
