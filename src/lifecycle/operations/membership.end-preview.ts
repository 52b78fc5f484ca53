import { z } from 'zod';
import { previewEnd } from '../../directory/end-preview.ts';
import { membershipId } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { behindSeen, lookBehind } from '../look-behind.ts';
import { namedSuccessor } from '../succession.ts';

const named = z.object({ id: z.uuid(), name: z.string() });

export const membershipEndPreview = operation({
  name: 'membership.end-preview',
  summary: 'Show what ends when somebody leaves, what stands, and who could take over.',
  http: 'GET /memberships/{membershipId}/end-preview',
  input: z.object({
    membershipId,
    successorId: z
      .uuid()
      .optional()
      .describe('Show what would go to this membership if they left now; otherwise to whoever is named.'),
  }),
  output: z.object({
    displayName: z.string(),
    organization: named,
    ends: z.object({
      accessCount: z.number().int(),
      access: z
        .array(z.object({ assignmentId: z.uuid(), name: z.string(), applicationName: z.string().nullable() }))
        .describe('What was given to this person here; empty when you may not see access.'),
      requestCount: z.number().int().describe('Open requests for this person here.'),
    }),
    vacant: z.object({
      delegations: z
        .array(
          z.object({ delegationId: z.uuid(), organization: named, adminRoleName: z.string().nullable() }),
        )
        .describe('What this person manages, as far as you see it: nobody acts under it afterwards.'),
      elsewhere: z.boolean().describe('There is more of it a level above or elsewhere.'),
    }),
    stands: z.object({
      delegationCount: z.number().int().describe('Appointments made under it, as far as you see them.'),
      accessCount: z.number().int().describe('Access given under it, as far as you see it.'),
      reportCount: z.number().int().describe('People whose line manager this is, as far as you see them.'),
    }),
    keys: z
      .array(
        z.object({
          clientId: z.uuid(),
          name: z.string(),
          organizationName: z.string(),
          mayEnd: z.boolean().describe('You may end it with them.'),
        }),
      )
      .describe('API keys that this person made, as far as you see keys: they go on working unless ended.'),
    successors: z
      .array(z.object({ membershipId: z.uuid(), displayName: z.string(), organizationName: z.string() }))
      .describe('Others who look after the same organization.'),
    behind: behindSeen,
    successor: z
      .object({ membershipId: z.uuid(), displayName: z.string() })
      .nullable()
      .describe('Who was named to take over when they leave, if you see them.'),
    newHome: named.nullable().describe('Where the account is looked after from then on, if you see it.'),
    isOwner: z.boolean().describe('An owner ends at once or not at all.'),
    lastManagerOf: z
      .string()
      .nullable()
      .describe('Nobody could manage this afterwards, so ending is refused.'),
    isSelf: z.boolean(),
  }),
  needs: {
    permission: 'membership.end',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: async (context, { membershipId, successorId }) => {
    const shown = await previewEnd(context, membershipId);
    const successor = await namedSuccessor(context, membershipId);
    return { ...shown, successor, behind: await lookBehind(context, membershipId, successorId) };
  },
});
