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
    gains: shift,
    loses: shift,
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
    const { difference, token } = accessRuleId
      ? await context.rehearse(accessRuleUpdate.name, { accessRuleId, ...conditions })
      : await context.rehearse(accessRuleCreate.name, { organizationId, name: '-', ...conditions });
    const reach = context.reach('user.read');
    return {
      gains: await namedShift(db, reach, difference.gained),
      loses: await namedShift(db, reach, difference.lost),
      token,
    };
  },
});
