import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { newSecret } from '../../platform/webhook-signature.ts';
import { sealedSecret } from '../webhooks/secrets.ts';
import { hookState, readHook } from '../webhooks/store.ts';
import { checkHook, hookFields, hookView, viewOfHook, whoSavesHook } from '../webhooks/view.ts';

/** More than this to one organization is a mistake, and each costs a call an event. */
const mostHooks = 50;

export const webhookCreate = operation({
  name: 'webhook.create',
  summary:
    'Make a webhook: another system is told what happens at an organization and below, as far as you may see it.',
  http: 'POST /webhooks',
  input: z.object({
    organizationId: z.uuid(),
    ...hookFields,
    format: hookFields.format.default('standard'),
    language: hookFields.language.default('en'),
    templates: hookFields.templates.default({}),
  }),
  output: hookView.extend({ secret: z.string().describe('Checks its signatures; shown this once.') }),
  needs: {
    permission: 'webhook.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['webhook.created'],
  secretOutput: true,
  run: async (context, input) => {
    const { db, at, target } = context;
    checkHook(context, input);
    const by = whoSavesHook(context);
    const id = newId(at.getTime());
    const secret = newSecret();
    const { rows: count } = await sql<{ n: number }>`
      select count(*)::int as n from webhook where organization_id = ${input.organizationId} and state <> 'retired'`.execute(
      db,
    );
    if (count[0]!.n >= mostHooks) throw refuse('webhook.too-many', { most: mostHooks });
    const { rows } = await sql`
      insert into webhook (id, organization_id, name, url, format, language, types, templates, secret, saved_by, saved_in, saved_under)
      values (${id}, ${input.organizationId}, ${input.name}, ${input.url}, ${input.format}, ${input.language},
        ${input.types}::text[], ${JSON.stringify(input.templates)}::jsonb, ${sealedSecret(context.config, id, secret)}, ${by.userId}, ${by.membershipId}, ${by.under})
      on conflict do nothing returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    context.record({
      type: 'webhook.created',
      targetKind: 'webhook',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: await hookState(db, id),
      personal: { name: input.name },
    });
    return { ...viewOfHook((await readHook(db, id))!), secret };
  },
});
