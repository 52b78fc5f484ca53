import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { ruleConditions, ruleDays, ruleGift, ruleView, shownRules } from '../access-rules.ts';
import { notForOneself, recordRule, requireMaySave, writeRule } from '../edit-rule.ts';
import { label } from '../fields.ts';

export const accessRuleCreate = operation({
  name: 'access-rule.create',
  summary: 'Give access by rule to everybody of whom certain things are recorded, now and later.',
  http: 'POST /access-rules',
  input: z.object({
    organizationId: z.uuid().describe('The rule stands here, and gives nothing to anybody elsewhere.'),
    name: label.max(100),
    inOrganizationId: ruleConditions.inOrganizationId.default(null),
    below: ruleConditions.below.default(true),
    title: ruleConditions.title.default(null),
    fields: ruleConditions.fields.default([]),
    relation: ruleConditions.relation.default(null),
    groupId: ruleConditions.groupId.default(null),
    exceptMembershipIds: ruleConditions.exceptMembershipIds.default([]),
    firstDay: ruleDays.firstDay.default(null),
    lastDay: ruleDays.lastDay.default(null),
    ...ruleGift,
  }),
  output: ruleView,
  needs: {
    permission: 'access-rule.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  previews: true,
  events: ['rule.created'],
  run: async (context, { organizationId, entitlementId, accessRoleId, ...input }) => {
    const wanted = { ...input, entitlementId, accessRoleId };
    const gift = await requireMaySave(context, wanted);
    const id = newId(context.at.getTime());
    await notForOneself(context, id, () => writeRule(context, id, organizationId, wanted, gift));
    const [shown] = await shownRules(context.db, context.facts, [
      await recordRule(context, 'rule.created', null, id),
    ]);
    return shown!;
  },
});
