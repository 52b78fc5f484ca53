import { z } from 'zod';
import { lastDayOut } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { attentionKinds, countAttention, listAttention, mostCounted } from '../attention.ts';

const item = z.object({
  kind: z.enum(attentionKinds),
  id: z
    .string()
    .describe('The organization, the delegation, the webhook, the membership, or the invitation.'),
  organization: z.object({ id: z.string(), name: z.string() }),
  personName: z.string().nullable().describe('Who holds the delegation, where you see them; or whose it is.'),
  since: z.iso
    .datetime()
    .nullable()
    .describe('When it was last used (null: never), or when it ends or ended.'),
  lastDay: lastDayOut,
});

export const attentionList = operation({
  name: 'attention.list',
  summary: 'List partners and delegations that somebody should look at',
  http: 'GET /attention',
  input: z.object({
    kind: z
      .enum(attentionKinds)
      .default('never-signed-in')
      .describe(
        'Which: partners whose manager never signed in, with one manager or none of their own; unused or expiring delegations; webhooks that were switched off; accounts that nobody uses; expired invitations; people who left something that nobody has taken over.',
      ),
    ...pageInput,
  }),
  output: pageOf(item).extend({
    counts: z
      .array(z.object({ kind: z.enum(attentionKinds), count: z.number().int(), more: z.boolean() }))
      .describe(`How many of each; counted up to ${mostCounted}.`),
  }),
  needs: { permission: 'delegation.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => {
    const { items, ...page } = await listAttention(context, input.kind, input);
    return {
      ...page,
      items: items.map(({ organizationId, organizationName, since, ...one }) => ({
        ...one,
        organization: { id: organizationId, name: organizationName },
        since: since?.toISOString() ?? null,
      })),
      counts: await countAttention(context),
    };
  },
});
