import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { sourceId, sourceView } from '../sources/fields.ts';
import { giveUp } from '../sources/runs.ts';
import { readSource, sourceTarget, viewSource } from '../sources/store.ts';
import { switchTo } from '../sources/switching.ts';

export const sourcePause = operation({
  name: 'source.pause',
  summary: 'Read nothing from a source for now; what waits for a person is given up.',
  http: 'POST /sources/{sourceId}/pause',
  input: z.object({ sourceId }),
  output: sourceView,
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'changing',
  events: ['source.paused'],
  run: async (context, { sourceId: id }) => {
    const { db } = context;
    const row = (await readSource(db, id, { lock: true }))!;
    context.checkVersion(row.version);
    if (row.state !== 'active') throw refuse('source.not-active');
    await switchTo(context, row, 'paused');
    await giveUp(db, id, ['waiting', 'reading', 'held', 'writing']);
    return viewSource(db, id, context.reach('user.read'));
  },
});
