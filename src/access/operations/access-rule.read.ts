import { z } from 'zod';
import { loadCeilings } from '../../authority/holds.ts';
import { may } from '../../directory/fields.ts';
import { mayDo } from '../../directory/may.ts';
import { operation } from '../../operation/operation.ts';
import { readRule, ruleTarget, ruleView, shownRules } from '../access-rules.ts';
import { named, peopleOf } from '../rule-people.ts';
import { loadThings } from '../things.ts';

export const accessRuleRead = operation({
  name: 'access-rule.read',
  summary: 'Show a rule, and who has something by it.',
  http: 'GET /access-rules/{accessRuleId}',
  input: z.object({ accessRuleId: z.uuid() }),
  output: ruleView.extend({
    people: z.object(named).describe('Who has it by this rule now, of those whom you look after.'),
    aboveLimit: z
      .boolean()
      .describe('What the organization may hand out has become less: some of it is given to nobody now.'),
    may,
  }),
  needs: {
    permission: 'access.read',
    target: (db, input) => ruleTarget(db, input.accessRuleId),
    visibleBy: 'access.read',
  },
  effect: 'reading',
  run: async (context, { accessRuleId }) => {
    const { db, facts, target } = context;
    const rule = (await readRule(db, accessRuleId))!;
    const [shown] = await shownRules(db, facts, [rule]);
    const things = await loadThings(
      db,
      rule.entitlementId ? [rule.entitlementId] : [],
      rule.accessRoleId ? [rule.accessRoleId] : [],
    );
    const ceilings = await loadCeilings(db, [rule.path]);
    const gives = [...things.values()].flatMap(({ entitlements }) => entitlements);
    return {
      ...shown!,
      people: await peopleOf(db, rule, context.reach('user.read')),
      aboveLimit: gives.some((one) => !ceilings.allows(rule.path, one).allowed),
      may: mayDo(context, target),
    };
  },
});
