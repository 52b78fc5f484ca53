import { sql } from 'kysely';
import type { Context } from '../../operation/operation.ts';
import { type SourceRow, sourceState } from './store.ts';

/** Puts a source into another state, and records it. */
export async function switchTo(
  context: Context,
  row: SourceRow,
  state: 'active' | 'paused' | 'retired',
): Promise<void> {
  const { db, at, target } = context;
  const before = await sourceState(db, row.id);
  await sql`
    update source set state = ${state}, failing_since = null, failures = 0, held_at = null, told = '{}',
      next_at = case when ${state} = 'active' then ${at}::timestamptz end,
      sealed = case when ${state} = 'retired' then '' else sealed end, changed_at = ${at}, version = version + 1
    where id = ${row.id}`.execute(db);
  const type = ({ active: 'source.activated', paused: 'source.paused', retired: 'source.retired' } as const)[
    state
  ];
  context.record({
    type,
    targetKind: 'source',
    targetId: row.id,
    organizationId: target.organizationId,
    path: target.path,
    before,
    after: await sourceState(db, row.id),
    personal: { name: row.name },
  });
}
