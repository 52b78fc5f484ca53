import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { sourceDetail, sourceId } from '../sources/fields.ts';
import { detailOf, sourceTarget } from '../sources/store.ts';

export const sourceRead = operation({
  name: 'source.read',
  summary: 'Read one source: how its directory is reached, whom it brings where, and how it is.',
  http: 'GET /sources/{sourceId}',
  input: z.object({ sourceId }),
  output: sourceDetail,
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'reading',
  run: async (context, { sourceId: id }) => detailOf(context, id),
});
