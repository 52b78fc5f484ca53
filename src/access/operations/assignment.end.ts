import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { endAccess } from '../take.ts';

export const assignmentEnd = operation({
  name: 'assignment.end',
  summary: 'Take one access away.',
  http: 'POST /assignments/{assignmentId}/end',
  input: z.object({ assignmentId: z.uuid() }),
  output: z.object({
    assignmentId: z.uuid(),
    changed: z.boolean().describe('False when it had ended already.'),
    undoUntil: z.string(),
  }),
  needs: { permission: 'access.end', within: 'reach' },
  effect: 'ending',
  events: ['assignment.ended'],
  run: async (context, { assignmentId }) => {
    const [taken] = await endAccess(context, [assignmentId]);
    if (!taken!.ok) throw taken!.refusal;
    if (!taken!.changed) context.nothingChanged();
    return {
      assignmentId,
      changed: taken!.changed,
      undoUntil: new Date(context.at.getTime() + 10_000).toISOString(),
    };
  },
});
