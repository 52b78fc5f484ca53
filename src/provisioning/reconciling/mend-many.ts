import { type Kysely, sql } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';

/** What may differ beside values; see `fieldsOf`. */
const otherFields = ['create', 'enable', 'disable', 'delete', 'roles'];

/**
 * Has the accounts of these differences read and put right, in one statement; what would be taken from them is counted by
 * the brake before, and so are values where no person said that they are to be written. @returns how many
 */
export async function mendMany(
  db: Kysely<DB>,
  differenceIds: readonly string[],
  by: string | null,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with mine as (
      select d.id, d.account_id, d.takes, d.kind = 'drift' and exists (select 1 from unnest(d.fields) f (name)
          where f.name <> all (${otherFields})) as changes, d.kind = 'drift' and not d.fields && ${otherFields}::text[] as values_only,
        array(select f.name from unnest(d.fields) f (name) where f.name <> all (${otherFields})) as changing from difference d where d.id = any (${differenceIds}::uuid[]) and d.settled_at is null
        and d.kind in ('missing', 'drift')),
    locked as (
      select a.id from account a where a.id in (select account_id from mine) order by a.user_id for no key update),
    mended as (
      update account a set stands = 'unsure', there_digest = '', generation = a.generation + 1, marked_at = remit_now(),
        due_at = case when m.values_only and ${by === null} and a.there_digest <> '' then a.verify_at else remit_now() end,
        -- written over what somebody there made of it: few by themselves, many by a person's word
        changes_to = case when m.changes then nullif(a.there_digest, '') end, changing = m.changing,
        agreed = m.changes and a.there_digest <> '' and ${by !== null}, held_at = null,
        takes = a.takes or m.takes, cleared = a.cleared and not m.takes,
        dead_at = null, ignored = null, attempts = 0, failing_since = null, version = a.version + 1
      from mine m, locked l where a.id = m.account_id and a.id = l.id returning a.id),
    settled as (
      update difference d set settled_at = remit_now(), settled_how = 'mended', settled_by = ${by}
      from mine m where d.id = m.id and m.account_id in (select id from mended) returning 1)
    select count(*)::int as n from settled`.execute(db);
  return rows[0]!.n;
}
