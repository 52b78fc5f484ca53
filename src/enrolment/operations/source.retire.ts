import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { sourceId, sourceView } from '../sources/fields.ts';
import { giveUp } from '../sources/runs.ts';
import { readSource, sourceTarget, viewSource } from '../sources/store.ts';
import { switchTo } from '../sources/switching.ts';

export const sourceRetire = operation({
  name: 'source.retire',
  summary: 'Remove a source: its password is forgotten, and its people stay as they are.',
  http: 'POST /sources/{sourceId}/retire',
  input: z.object({ sourceId }),
  output: sourceView,
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'changing',
  events: ['source.retired'],
  run: async (context, { sourceId: id }) => {
    const { db } = context;
    const row = (await readSource(db, id, { lock: true }))!;
    context.checkVersion(row.version);
    await switchTo(context, row, 'retired');
    await giveUp(db, id, ['waiting', 'reading', 'held', 'writing']);
    await sql`update proposal set state = 'over', decided_at = remit_now() where source_id = ${id} and state in ('open', 'kept')`.execute(
      db,
    );
    return viewSource(db, id, context.reach('user.read'));
  },
});
