import { sql } from 'kysely';
import { z } from 'zod';
import { operation, userOf } from '../../operation/operation.ts';
import { lockRule, readRule, ruleTarget, ruleView, shownRules } from '../access-rules.ts';
import { recordRule, requireMayTake } from '../edit-rule.ts';

export const accessRuleEnd = operation({
  name: 'access-rule.end',
  summary: 'End a rule for good: what it gave ends with it.',
  http: 'POST /access-rules/{accessRuleId}/end',
  input: z.object({ accessRuleId: z.uuid() }),
  output: ruleView,
  needs: {
    permission: 'access-rule.configure',
    target: (db, input) => ruleTarget(db, input.accessRuleId),
    visibleBy: 'access.read',
  },
  effect: 'ending',
  previews: true,
  events: ['rule.ended'],
  run: async (context, { accessRuleId }) => {
    const { db, facts } = context;
    const before = await lockRule(db, accessRuleId);
    context.checkVersion(before.version);
    if (before.state === 'ended') context.nothingChanged();
    else {
      await requireMayTake(context, before);
      await sql`
        update access_rule set state = 'ended', changed_at = ${context.at}, ended_at = ${context.at}, ended_by = ${userOf(context)?.userId ?? null}, version = version + 1
        where id = ${accessRuleId}`.execute(db);
      await recordRule(context, 'rule.ended', before, accessRuleId);
    }
    const [shown] = await shownRules(db, facts, [(await readRule(db, accessRuleId))!]);
    return shown!;
  },
});
