import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { listRules, ruleView, shownRules } from '../access-rules.ts';
import { search } from '../fields.ts';

export const accessRuleList = operation({
  name: 'access-rule.list',
  summary: 'List rules that give access by what is recorded of people.',
  http: 'GET /access-rules',
  input: z.object({
    organizationId: z.uuid().optional().describe('Only those that stand in this organization.'),
    search,
    ended: z
      .union([z.boolean(), z.stringbool()])
      .default(false)
      .describe('Those too that were ended, or are over.'),
    ...pageInput,
  }),
  output: pageOf(ruleView),
  needs: { permission: 'access.read', within: 'reach' },
  effect: 'reading',
  run: async ({ db, facts, reach }, { cursor, limit, organizationId, search: text, ended }) => {
    const page = await listRules(
      db,
      { reach: reach('access.read'), organizationId, search: text, ended },
      { cursor, limit },
    );
    return { ...page, items: await shownRules(db, facts, page.items) };
  },
});
