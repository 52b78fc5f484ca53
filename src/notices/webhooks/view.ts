import { z } from 'zod';
import type { Context } from '../../operation/operation.ts';
import { type Barred, barredUrl } from '../../platform/egress-rules.ts';
import { writtenName } from '../../platform/names.ts';
import { type RefusalCode, refuse } from '../../platform/refusals.ts';
import { eventTypeNames, unknownPlaceholder } from './rules.ts';
import type { HookRow } from './store.ts';
import { languages } from './words.ts';

/** Webhooks as operations take and show them. */
export const hookFields = {
  name: writtenName.min(1).max(100),
  url: z.string().trim().min(1).max(2000).describe('Where it is sent: https, without a user name.'),
  format: z
    .enum(['standard', 'slack', 'teams'])
    .describe(
      '`standard`: signed JSON for a program; `slack`, `teams`: a message for a chat’s incoming webhook.',
    ),
  language: z.enum(languages).describe('Of messages for chats.'),
  types: z
    .array(z.enum(eventTypeNames))
    .min(1)
    .max(eventTypeNames.length)
    .transform((types) => [...new Set(types)])
    .describe('What it is told.'),
  templates: z
    .partialRecord(z.enum(eventTypeNames), z.string().trim().min(1).max(1000))
    .describe(
      'Your own words for a type, with {{person}}, {{organization}}, {{access}}, {{by}}, {{until}}, {{link}}.',
    ),
};

const instant = z.string().nullable();

export const hookView = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    name: z.string(),
    address: z.string().describe('Where it is sent, in part: whoever knows all of it could write there.'),
    format: hookFields.format,
    language: hookFields.language,
    types: z.array(z.enum(eventTypeNames)),
    templates: z.record(z.string(), z.string()),
    state: z.enum(['active', 'off', 'retired']),
    offWhy: z
      .enum(['by-hand', 'gone', 'failing'])
      .nullable()
      .describe('Why it is off: by hand, its endpoint said 410 Gone, or accepted nothing for days.'),
    failingSince: instant.describe('Since when its endpoint accepts nothing.'),
    oldSecretUntil: instant.describe('Until then the secret of before the last change signs, too.'),
    version: z.number().int(),
  })
  .meta({ id: 'Webhook' });

export function viewOfHook(hook: HookRow): z.infer<typeof hookView> {
  const { id, organizationId, organizationName, name, format, language, types, templates } = hook;
  return {
    ...{ id, organizationId, organizationName, name, format, language, types },
    templates: templates as Record<string, string>,
    address: addressShown(hook),
    state: hook.state,
    offWhy: hook.offWhy,
    failingSince: hook.failingSince?.toISOString() ?? null,
    oldSecretUntil: hook.oldSecretUntil?.toISOString() ?? null,
    version: hook.version,
  };
}

/** The address of a chat's hook is its password, and so may be a query; the host tells hooks apart. */
function addressShown({ url, format }: Pick<HookRow, 'url' | 'format'>): string {
  const { origin, pathname, search } = new URL(url);
  if (format !== 'standard') return `${origin}/…`;
  return `${origin}${pathname}${search ? '?…' : ''}`;
}

/** @throws Refusal of what is wrong with the address, or `webhook.template` */
export function checkHook(
  { config }: Pick<Context, 'config'>,
  { url, templates }: { url: string; templates: Partial<Record<string, string>> },
): void {
  const barred = barredUrl(config.egress, url);
  if (barred) throw refuse(refusals[barred]);
  for (const template of Object.values(templates)) {
    const unknown = template && unknownPlaceholder(template);
    if (unknown) throw refuse('webhook.template', { placeholder: unknown });
  }
}

const refusals = {
  'not-an-address': 'webhook.not-an-address',
  'not-https': 'webhook.not-https',
  'credentials-in-address': 'webhook.credentials-in-address',
  'port-not-allowed': 'webhook.port-not-allowed',
  'address-not-allowed': 'webhook.address-not-allowed',
} as const satisfies Record<Barred, RefusalCode>;

/** Whose right it is that this is told outside: a person's or a key's, by one delegation. */
export function whoSavesHook({ actor, permit }: Context): {
  userId: string | null;
  membershipId: string | null;
  under: string;
} {
  const [link] = permit.because;
  if (!link) throw refuse('auth.required');
  return actor.kind === 'user'
    ? { userId: actor.userId, membershipId: actor.membershipId, under: link.id }
    : { userId: null, membershipId: null, under: link.id };
}
