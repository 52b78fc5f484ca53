import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { countsOf } from '../counts.ts';
import { may, organizationId, organizationState } from '../fields.ts';
import { mayDo } from '../may.ts';
import { breadcrumbs } from '../organizations.ts';
import { readOrganization } from '../store.ts';

export const organizationRead = operation({
  name: 'organization.read',
  summary: 'Show one organization, where it stands, and what you may do there.',
  http: 'GET /organizations/{organizationId}',
  input: z.object({ organizationId }),
  output: z.object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    state: organizationState,
    off: z.boolean().describe('Suspended or closed, or below one that is.'),
    timeZone: z.string(),
    domains: z.array(z.string()),
    isRoot: z.boolean(),
    breadcrumbs: z
      .array(z.object({ id: z.uuid(), name: z.string() }))
      .describe('The organizations above, from the top, as far as you see them.'),
    may,
    childCount: z.number().int(),
    peopleCount: z.number().int().describe('People here and below.'),
    managersCount: z
      .number()
      .int()
      .nullable()
      .describe('People appointed to look after it; absent when you may not see delegations.'),
    openInvitations: z.number().int().nullable().describe('Here and below; absent when you may not invite.'),
    version: z.number().int(),
  }),
  needs: {
    permission: 'organization.read',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context) => {
    const { db, target } = context;
    const row = (await readOrganization(db, target.organizationId))!;
    const doable = mayDo(context, target);
    const counts = await countsOf(context, row.path);
    return {
      ...row,
      off: target.off,
      isRoot: row.parentId === null,
      breadcrumbs: await breadcrumbs(db, row.path, context.reach('organization.read')),
      may: doable,
      ...counts,
      managersCount: doable.includes('delegation.read') ? counts.managersCount : null,
      openInvitations: doable.includes('user.invite') ? counts.openInvitations : null,
    };
  },
});
