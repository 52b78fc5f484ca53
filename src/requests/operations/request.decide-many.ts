import { z } from 'zod';
import { rowRefusal } from '../../access/fields.ts';
import { afterUndo } from '../../access/rules.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { riskOf } from '../context.ts';
import { decideEvents, decideOne } from '../decide-one.ts';
import type { RequestRow } from '../store.ts';

export const requestDecideMany = operation({
  name: 'request.decide-many',
  summary: 'Approve or refuse several requests at once, of those that can do little harm.',
  http: 'POST /requests/decisions',
  input: z.object({
    requestIds: z.array(z.uuid()).min(1).max(200),
    approve: z.boolean(),
    note: z.string().trim().max(1000).default('').describe('What everybody who asked will read.'),
  }),
  output: z.object({
    results: z.array(z.object({ requestId: z.uuid(), ok: z.boolean(), refusal: rowRefusal.optional() })),
    undoUntil: z.string(),
  }),
  needs: 'self',
  effect: 'changing',
  events: decideEvents,
  run: async (context, { requestIds, approve, note }) => {
    // In one order, so that two who decide the same ones do not wait for each other for good.
    const asked = [...new Set(requestIds)];
    const ids = [...asked].sort();
    const results = new Map<string, { ok: boolean; refusal?: { code: string; text: string } }>();
    let changed = false;
    for (const requestId of ids) {
      const done = await context.attempt(() => decideOne(context, { requestId, approve, note }, isHarmless));
      if (done.ok) changed ||= done.value.changed;
      results.set(
        requestId,
        done.ok
          ? { ok: true }
          : { ok: false, refusal: { code: done.refusal.code, text: done.refusal.message } },
      );
      if (ids.length === 1 && !done.ok) throw done.refusal;
    }
    if (!changed) context.nothingChanged();
    return {
      results: asked.map((requestId) => ({ requestId, ...results.get(requestId)! })),
      undoUntil: afterUndo(context.at).toISOString(),
    };
  },
});

/** What can do harm is looked at by itself. */
function isHarmless(row: RequestRow): void {
  if (riskOf(row) !== 'low') throw refuse('request.not-low-risk');
}
