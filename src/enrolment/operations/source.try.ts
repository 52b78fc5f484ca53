import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { asSaid, requireColumns, requireInside } from '../sources/edit.ts';
import { sourceFields, sourceId } from '../sources/fields.ts';
import { preview, previewView } from '../sources/preview.ts';
import { directorySource, readSource, sourceTarget } from '../sources/store.ts';

export const sourceTry = operation({
  name: 'source.try',
  summary:
    'Try a source, as it is or as it would be: whether its directory can be read, and how its first people would come in. Nothing is written.',
  http: 'POST /sources/{sourceId}/try',
  input: z.object({
    sourceId,
    settings: sourceFields.settings.optional(),
    password: sourceFields.password.optional().describe('Instead of the one that is kept; it is not kept.'),
    base: sourceFields.base.optional(),
    objectClass: sourceFields.objectClass.optional(),
    columns: sourceFields.columns.optional(),
    places: sourceFields.places.optional(),
    gives: sourceFields.gives.optional(),
  }),
  output: previewView,
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'reading',
  run: async (context, { sourceId: id, password, ...said }) => {
    const row = (await readSource(context.db, id))!;
    if (row.sealed === '' && password === undefined) throw refuse('source.no-password');
    const after = asSaid(context, row, { ...said, password });
    if (Object.keys(said).length > 0) {
      requireColumns(directorySource(after));
      await requireInside(context, after.reading.places, after.gives);
    }
    return preview(context, after, password);
  },
});
