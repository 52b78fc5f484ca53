import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { rowRefusal } from '../fields.ts';
import { undoAccess, undoEvents } from '../undo.ts';

export const assignmentUndo = operation({
  name: 'assignment.undo',
  summary: 'Undo what you just gave or took, within 10 seconds.',
  http: 'POST /assignments/undo',
  input: z.object({ assignmentIds: z.array(z.uuid()).min(1).max(500) }),
  output: z.object({
    results: z.array(
      z.object({
        assignmentId: z.uuid(),
        ok: z.boolean(),
        became: z.enum(['taken-back', 'given-back']).optional(),
        refusal: rowRefusal.optional(),
      }),
    ),
  }),
  needs: { permission: 'access.grant', within: 'reach' },
  effect: 'ending',
  events: undoEvents,
  run: async (context, input) => {
    const ids = [...new Set(input.assignmentIds)];
    const undone = await undoAccess(context, ids);
    const [only] = undone;
    if (undone.length === 1 && !only!.ok) throw only!.refusal;
    if (!undone.some((row) => row.ok)) context.nothingChanged();
    return {
      results: undone.map((row, index) => ({
        assignmentId: ids[index]!,
        ...(row.ok
          ? { ok: true, became: row.became }
          : { ok: false, refusal: { code: row.refusal.code, text: row.refusal.message } }),
      })),
    };
  },
});
