import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { invalid } from '../../platform/problems.ts';
import {
  type AccessDecision,
  Asker,
  actionInput,
  contextInput,
  decisionView,
  resourceInput,
  subjectInput,
} from '../authzen.ts';

const parts = {
  subject: subjectInput.optional(),
  action: actionInput.optional(),
  resource: resourceInput.optional(),
  context: contextInput.optional(),
};
const question = z.object(parts);
type Question = z.infer<typeof question>;

export const decisionEvaluateMany = operation({
  name: 'decision.evaluate-many',
  summary: 'Answer an application several questions at once (AuthZEN access evaluations)',
  http: 'POST /access/v1/evaluations',
  standardPath: true,
  input: z.object({
    ...parts,
    evaluations: z
      .array(question)
      .max(100)
      .optional()
      .describe('Each takes what it leaves out from above; none: the one question above.'),
    options: z
      .object({
        evaluations_semantic: z
          .enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'])
          .default('execute_all')
          .describe('All; or up to and with the first deny, or the first permit.'),
      })
      .optional(),
  }),
  output: z.object({
    decision: z.boolean().optional().describe('Of the one question, where no list was sent.'),
    context: decisionView.shape.context,
    evaluations: z.array(decisionView).optional().describe('In the order of the questions.'),
  }),
  needs: { permission: 'decision.ask', within: 'reach' },
  effect: 'reading',
  run: async (context, { evaluations, options, ...defaults }) => {
    const asker = new Asker(context, ['decision.ask']);
    if (!evaluations?.length) return asker.evaluate(...whole(defaults, ''));
    // All of them are judged before the first is answered: a malformed one is no deny.
    const questions = evaluations.map((one, index) =>
      whole({ ...defaults, ...one }, `evaluations.${index}.`),
    );
    const last = { execute_all: undefined, deny_on_first_deny: false, permit_on_first_permit: true }[
      options?.evaluations_semantic ?? 'execute_all'
    ];
    const answers: AccessDecision[] = [];
    for (const one of questions) {
      const answer = await asker.evaluate(...one);
      answers.push(answer);
      if (answer.decision === last) break;
    }
    return { evaluations: answers };
  },
});

/** @throws Refusal `input.invalid` naming the part that stands neither in the question nor above it */
function whole({ subject, action, resource }: Question, at: string): Parameters<Asker['evaluate']> {
  if (subject && action && resource) return [subject, action, resource];
  const field = `${at}${subject ? (action ? 'resource' : 'action') : 'subject'}`;
  throw invalid(field, 'missing');
}
