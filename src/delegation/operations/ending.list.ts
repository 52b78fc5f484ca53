import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { endingKinds, listEndings } from '../endings.ts';

export const endingList = operation({
  name: 'ending.list',
  summary: 'List what ends by itself in the next days, soonest first',
  http: 'GET /endings',
  input: z.object({
    days: z.coerce.number().int().min(1).max(366).default(30).describe('How far to look ahead.'),
    kind: z.enum(endingKinds).optional().describe('Only these.'),
    ...pageInput,
  }),
  output: pageOf(
    z.object({
      kind: z.enum(endingKinds),
      id: z.string(),
      at: z.iso.datetime(),
      organization: z.object({ id: z.string(), name: z.string() }).nullable(),
      personName: z
        .string()
        .nullable()
        .describe('The person, or the organization, whose it is; null where you do not see them.'),
      what: z.string().describe('The admin role, title, access or key in words; may be empty.'),
      lastDay: z
        .string()
        .nullable()
        .describe('The last day that is in, in the time zone of the organization.'),
      mayExtend: z
        .boolean()
        .describe('Somebody’s time here that you may make longer; the id is the membership’s.'),
      mayNameSuccessor: z
        .boolean()
        .describe('Somebody’s time here, and you may say who takes over when it is over.'),
      successor: z
        .object({ membershipId: z.uuid(), displayName: z.string() })
        .nullable()
        .describe('Who takes over then, if somebody was named and you see them.'),
    }),
  ),
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => {
    const page = await listEndings(context, input);
    return {
      ...page,
      items: page.items.map(({ at, organizationId, organizationName, ...item }) => ({
        ...item,
        at: at.toISOString(),
        organization:
          organizationId && organizationName ? { id: organizationId, name: organizationName } : null,
      })),
    };
  },
});
