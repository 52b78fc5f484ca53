import { sql } from 'kysely';
import { z } from 'zod';
import { instant } from '../../authority/facts.ts';
import { operation } from '../../operation/operation.ts';
import { fieldsOf, readRule, ruleTarget, ruleView, shownRules } from '../access-rules.ts';
import {
  lockLiveRule,
  notForOneself,
  recordRule,
  requireMaySave,
  wantedOf,
  writeRule,
} from '../edit-rule.ts';

export const accessRuleResume = operation({
  name: 'access-rule.resume',
  summary: 'Let a paused rule give again; whoever resumes it gives it.',
  http: 'POST /access-rules/{accessRuleId}/resume',
  input: z.object({ accessRuleId: z.uuid() }),
  output: ruleView,
  needs: {
    permission: 'access-rule.configure',
    target: (db, input) => ruleTarget(db, input.accessRuleId),
    visibleBy: 'access.read',
  },
  effect: 'changing',
  previews: true,
  events: ['rule.resumed'],
  run: async (context, { accessRuleId }) => {
    const { db, facts } = context;
    const before = await lockLiveRule(context, accessRuleId);
    if (before.state === 'active') context.nothingChanged();
    else {
      const wanted = wantedOf(before, fieldsOf(before));
      const gift = await requireMaySave(context, wanted, instant(before.startsAt));
      await notForOneself(context, accessRuleId, async () => {
        await sql`update access_rule set state = 'active' where id = ${accessRuleId}`.execute(db);
        await writeRule(context, accessRuleId, before.organizationId, wanted, gift);
      });
      await recordRule(context, 'rule.resumed', before, accessRuleId);
    }
    const [shown] = await shownRules(db, facts, [(await readRule(db, accessRuleId))!]);
    return shown!;
  },
});
