import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { sourceId } from '../sources/fields.ts';
import { preview, previewView } from '../sources/preview.ts';
import { readSource, sourceTarget } from '../sources/store.ts';

export const sourceTry = operation({
  name: 'source.try',
  summary:
    'Try a source: whether its directory can be read, and how its first people would come in. Nothing is written.',
  http: 'POST /sources/{sourceId}/try',
  input: z.object({ sourceId }),
  output: previewView,
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'reading',
  run: async (context, { sourceId: id }) => {
    const row = (await readSource(context.db, id))!;
    if (row.sealed === '') throw refuse('source.no-password');
    return preview(context, row);
  },
});
