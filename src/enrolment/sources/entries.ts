import { type Kysely, sql } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';
import type { SourcePerson } from './reading.ts';

type Db = Kysely<DB>;

/**
 * Keeps which entries there are, and gives their people the keys that they are known by here: somebody who was renamed
 * there is the same person. So are the line managers that they name.
 * @returns those of them who were not erased here
 */
export async function known(
  db: Db,
  { sourceId, runId }: { sourceId: string; runId: string },
  people: readonly SourcePerson[],
): Promise<SourcePerson[]> {
  if (people.length === 0) return [];
  // A page may have an entry that moved while it was read twice; the last of it counts.
  const all = [...new Map(people.map((one) => [one.id, one])).values()];
  const erased = await erasedAmong(db, sourceId, all);
  const entries = all.filter(({ id }) => !erased.has(id));
  if (entries.length === 0) return [];
  const rows = entries.map(({ id, dn, cells, off }) => ({ id, dn, key: cells.key ?? '', off }));
  const { rows: kept } = await sql<{ id: string; key: string }>`
    insert into source_entry as e (source_id, external_id, key, key_there, dn, off, run_id)
    select ${sourceId}, r.id, r.key, r.key, r.dn, r.off, ${runId}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id text, dn text, key text, off boolean)
    on conflict (source_id, external_id) do update set key_there = excluded.key_there, dn = excluded.dn, off = excluded.off,
      run_id = excluded.run_id,
      -- An entry without a key was nobody yet.
      key = case when e.key = '' then excluded.key else e.key end
    returning external_id as id, key`.execute(db);
  const keys = new Map(kept.map(({ id, key }) => [id, key]));
  const managers = await keysNow(
    db,
    sourceId,
    entries.flatMap(({ cells }) => cells.lineManager || []),
  );
  return entries.map((one) => ({
    ...one,
    cells: {
      ...one.cells,
      key: keys.get(one.id) ?? one.cells.key ?? '',
      ...(one.cells.lineManager
        ? { lineManager: managers.get(one.cells.lineManager) ?? one.cells.lineManager }
        : {}),
    },
  }));
}

async function keysNow(db: Db, sourceId: string, there: readonly string[]): Promise<Map<string, string>> {
  if (there.length === 0) return new Map();
  // Where two say the same of themselves, whoever was known by it first is meant, or nobody: not who came after.
  const { rows } = await sql<{ there: string; key: string }>`
    select key_there as there, min(key) as key from source_entry
    where source_id = ${sourceId} and key_there = any (${[...new Set(there)]}::text[])
    group by key_there having count(distinct key) = 1`.execute(db);
  return new Map(rows.map(({ there, key }) => [there, key]));
}

/** Whoever was erased here is nobody to us, also while they stand there. */
async function erasedAmong(db: Db, sourceId: string, people: readonly SourcePerson[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select r.id from source s cross join unnest(${people.map(({ id }) => id)}::text[]) r (id)
    join source_erased x on x.source_id = s.id and x.digest = sha256(uuid_send(s.erase_key) || convert_to(r.id, 'UTF8'))
    where s.id = ${sourceId}`.execute(db);
  return new Set(rows.map(({ id }) => id));
}
