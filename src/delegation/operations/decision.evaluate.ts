import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { Asker, actionInput, contextInput, decisionView, resourceInput, subjectInput } from '../authzen.ts';

export const decisionEvaluate = operation({
  name: 'decision.evaluate',
  summary: 'Answer an application whether somebody may do something (AuthZEN access evaluation)',
  http: 'POST /access/v1/evaluation',
  standardPath: true,
  input: z.object({
    subject: subjectInput,
    action: actionInput,
    resource: resourceInput,
    context: contextInput.optional(),
  }),
  output: decisionView,
  needs: { permission: 'decision.ask', within: 'reach' },
  effect: 'reading',
  run: (context, { subject, action, resource }) =>
    new Asker(context, ['decision.ask']).evaluate(subject, action, resource),
});
