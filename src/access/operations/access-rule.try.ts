import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { named, namedShift } from '../rule-people.ts';
import { accessRuleCreate } from './access-rule.create.ts';
import { accessRuleUpdate } from './access-rule.update.ts';

const shift = z.object({
  ...named,
  elsewhere: z.boolean().describe('And somebody whom you do not look after.'),
});

export const accessRuleTry = operation({
  name: 'access-rule.try',
  summary: 'Show who would gain and lose access by a rule, without saving it.',
  http: 'POST /access-rules/try',
  input: accessRuleCreate.input
    .omit({ name: true })
    .extend({ accessRuleId: z.uuid().optional().describe('A rule that would be changed so.') }),
  output: z.object({
    gains: shift.describe('Once it has begun, as people are recorded now.'),
    loses: shift.describe('At once.'),
    token: z.string().describe('Send it with the change as the header If-Preview: exactly that, or nothing.'),
  }),
  needs: {
    permission: 'access-rule.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, { accessRuleId, organizationId, ...conditions }) => {
    const { db } = context;
    const rehearse = (asked: typeof conditions) =>
      accessRuleId
        ? context.rehearse(accessRuleUpdate.name, { accessRuleId, ...asked })
        : context.rehearse(accessRuleCreate.name, { organizationId, name: '-', ...asked });
    const { difference, token } = await rehearse(conditions);
    const reach = context.reach('user.read');
    // Before its first day nobody gains anything: whoever will is found by letting it begin now. The rest is as asked.
    const gained = conditions.firstDay
      ? (await rehearse({ ...conditions, firstDay: null })).difference.gained
      : difference.gained;
    return {
      gains: await namedShift(db, reach, gained),
      loses: await namedShift(db, reach, difference.lost),
      token,
    };
  },
});
