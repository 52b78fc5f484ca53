import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { rowRefusal } from '../fields.ts';
import { endAccess } from '../take.ts';

export const assignmentEndMany = operation({
  name: 'assignment.end-many',
  summary: 'Take several accesses away at once.',
  http: 'POST /assignments/end',
  input: z.object({ assignmentIds: z.array(z.uuid()).min(1).max(500) }),
  output: z.object({
    results: z.array(
      z.object({
        assignmentId: z.uuid(),
        ok: z.boolean(),
        changed: z.boolean().optional(),
        refusal: rowRefusal.optional(),
      }),
    ),
    undoUntil: z.string(),
  }),
  needs: { permission: 'access.end', within: 'reach' },
  effect: 'ending',
  events: ['assignment.ended'],
  run: async (context, input) => {
    const ids = [...new Set(input.assignmentIds)];
    const taken = await endAccess(context, ids);
    if (taken.length === 1 && !taken[0]!.ok) throw taken[0]!.refusal;
    if (!taken.some((row) => row.ok && row.changed)) context.nothingChanged();
    return {
      results: taken.map((row, index) => ({
        assignmentId: ids[index]!,
        ...(row.ok
          ? { ok: true, changed: row.changed }
          : { ok: false, refusal: { code: row.refusal.code, text: row.refusal.message } }),
      })),
      undoUntil: new Date(context.at.getTime() + 10_000).toISOString(),
    };
  },
});
