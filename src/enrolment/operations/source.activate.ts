import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { requireByHand } from '../sources/edit.ts';
import { sourceId, sourceView } from '../sources/fields.ts';
import { askForRun } from '../sources/runs.ts';
import { readSource, sourceTarget, viewSource } from '../sources/store.ts';
import { switchTo } from '../sources/switching.ts';

export const sourceActivate = operation({
  name: 'source.activate',
  summary: 'Switch a source on: it is read at once, and its people come in from now on.',
  http: 'POST /sources/{sourceId}/activate',
  input: z.object({ sourceId }),
  output: sourceView,
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'changing',
  events: ['source.activated'],
  run: async (context, { sourceId: id }) => {
    const { db } = context;
    const row = (await readSource(db, id, { lock: true }))!;
    context.checkVersion(row.version);
    if (row.state === 'active') {
      context.nothingChanged();
      return viewSource(db, id, context.reach('user.read'));
    }
    if (row.sealed === '') throw refuse('source.no-password');
    await requireByHand(context, row);
    await switchTo(context, row, 'active');
    await askForRun(db, id, {
      incremental: false,
      askedBy: context.actor.kind === 'user' ? context.actor.userId : null,
    });
    return viewSource(db, id, context.reach('user.read'));
  },
});
