import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { mostParts, partBytes } from '../people-import/parts.ts';
import { lockOwn, peopleImportTarget } from '../people-import/store.ts';
import { importId } from '../people-import/view.ts';

export const peopleImportPutPart = operation({
  name: 'people-import.put-part',
  summary: 'Put one part of the file, of 4 MB at most; putting it again replaces it.',
  http: 'PUT /people-imports/{importId}/parts/{n}',
  input: z.object({
    importId,
    n: z.coerce
      .number()
      .int()
      .min(1)
      .max(mostParts)
      .describe('Parts are read in this order, from 1, without a gap.'),
    base64: z
      .base64()
      .max(Math.ceil(partBytes / 3) * 4)
      .describe('The bytes as they stand in the file.'),
  }),
  output: z.object({ size: z.number().int() }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => peopleImportTarget(db, input.importId),
    visibleBy: 'user.enrol',
  },
  effect: 'changing',
  events: ['people-import.part-added'],
  bodyLimit: 6 * 1024 * 1024,
  run: async (context, input) => {
    const asked = await lockOwn(context, input.importId, ['uploading', 'compared', 'failed']);
    if (asked.state !== 'uploading') throw refuse('people-import.state', { state: asked.state });
    const bytes = Buffer.from(input.base64, 'base64');
    if (bytes.length === 0) throw refuse('people-import.empty');
    if (bytes.length > partBytes) throw invalid('base64', 'import-part', { limit: partBytes });
    const { rows } = await sql`
      insert into people_import_part as p (import_id, n, bytes) values (${asked.id}, ${input.n}, ${bytes})
      on conflict (import_id, n) do update set bytes = excluded.bytes where p.bytes <> excluded.bytes returning 1`.execute(
      context.db,
    );
    if (rows.length === 0) context.nothingChanged();
    else
      context.record({
        type: 'people-import.part-added',
        targetKind: 'people-import',
        targetId: asked.id,
        organizationId: asked.organizationId,
        path: asked.path,
        after: {
          id: asked.id,
          n: input.n,
          size: bytes.length,
          digest: createHash('sha256').update(bytes).digest('base64url'),
        },
      });
    return { size: bytes.length };
  },
});
