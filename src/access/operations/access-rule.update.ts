import { sql } from 'kysely';
import { z } from 'zod';
import { instant } from '../../authority/facts.ts';
import { operation } from '../../operation/operation.ts';
import {
  fieldsOf,
  readRule,
  ruleConditions,
  ruleDays,
  ruleGift,
  ruleTarget,
  ruleView,
  shownRules,
} from '../access-rules.ts';
import {
  lockLiveRule,
  notForOneself,
  recordRule,
  requireMaySave,
  requireMayTake,
  wantedOf,
  writeRule,
} from '../edit-rule.ts';
import { label } from '../fields.ts';

export const accessRuleUpdate = operation({
  name: 'access-rule.update',
  summary: 'Change whom a rule is about, or what it gives; whoever saves it gives it.',
  http: 'PATCH /access-rules/{accessRuleId}',
  input: z.object({
    accessRuleId: z.uuid(),
    name: label.max(100).optional(),
    inOrganizationId: ruleConditions.inOrganizationId.optional(),
    below: ruleConditions.below.optional(),
    title: ruleConditions.title.optional(),
    fields: ruleConditions.fields.optional(),
    relation: ruleConditions.relation.optional(),
    groupId: ruleConditions.groupId.optional(),
    exceptMembershipIds: ruleConditions.exceptMembershipIds.optional(),
    firstDay: ruleDays.firstDay.optional(),
    lastDay: ruleDays.lastDay.optional(),
    ...ruleGift,
  }),
  output: ruleView,
  needs: {
    permission: 'access-rule.configure',
    target: (db, input) => ruleTarget(db, input.accessRuleId),
    visibleBy: 'access.read',
  },
  // It may take access away, so it waits for changes under way.
  effect: 'ending',
  previews: true,
  events: ['rule.updated'],
  run: async (context, { accessRuleId, entitlementId, accessRoleId, ...input }) => {
    const before = await lockLiveRule(context, accessRuleId);
    const had = wantedOf(before, fieldsOf(before));
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    const other = entitlementId !== undefined || accessRoleId !== undefined;
    const wanted = { ...had, ...given, ...(other ? { entitlementId, accessRoleId } : {}) };
    const said = ({ name: _, ...rest }: typeof had): string => JSON.stringify(rest);
    if (said(wanted) === said(had)) {
      if (wanted.name === had.name) context.nothingChanged();
      else {
        // Its name gives nobody anything.
        await sql`update access_rule set name = ${wanted.name}, version = version + 1 where id = ${accessRuleId}`.execute(
          context.db,
        );
        await recordRule(context, 'rule.updated', before, accessRuleId);
      }
    } else {
      await requireMayTake(context, before);
      const gift = await requireMaySave(context, wanted, instant(before.startsAt));
      await notForOneself(context, accessRuleId, () =>
        writeRule(context, accessRuleId, before.organizationId, wanted, gift),
      );
      await recordRule(context, 'rule.updated', before, accessRuleId);
    }
    const [shown] = await shownRules(context.db, context.facts, [
      (await readRule(context.db, accessRuleId))!,
    ]);
    return shown!;
  },
});
