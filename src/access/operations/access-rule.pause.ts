import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { readRule, ruleTarget, ruleView, shownRules } from '../access-rules.ts';
import { lockLiveRule, recordRule, requireMayTake } from '../edit-rule.ts';

export const accessRulePause = operation({
  name: 'access-rule.pause',
  summary: 'Pause a rule: nobody has anything by it until it is resumed.',
  http: 'POST /access-rules/{accessRuleId}/pause',
  input: z.object({ accessRuleId: z.uuid() }),
  output: ruleView,
  needs: {
    permission: 'access-rule.configure',
    target: (db, input) => ruleTarget(db, input.accessRuleId),
    visibleBy: 'access.read',
  },
  effect: 'ending',
  previews: true,
  events: ['rule.paused'],
  run: async (context, { accessRuleId }) => {
    const { db, facts } = context;
    const before = await lockLiveRule(context, accessRuleId);
    if (before.state === 'paused') context.nothingChanged();
    else {
      await requireMayTake(context, before);
      await sql`
        update access_rule set state = 'paused', changed_at = ${context.at}, version = version + 1
        where id = ${accessRuleId}`.execute(db);
      await recordRule(context, 'rule.paused', before, accessRuleId);
    }
    const [shown] = await shownRules(db, facts, [(await readRule(db, accessRuleId))!]);
    return shown!;
  },
});
