import { type Kysely, sql } from 'kysely';
import type { DB } from '../src/platform/schema.gen.ts';

/**
 * Runs `fill` on one connection with triggers and foreign keys at rest and the tables' further indexes away, and builds
 * these afterwards: a million rows in a tenth of the time. Whoever fills keeps what the triggers would keep.
 */
export async function fillInBulk(db: Kysely<DB>, tables: string[], fill: () => Promise<void>): Promise<void> {
  const { rows: indexes } = await sql<{ name: string; made: string }>`
    select i.indexname as name, i.indexdef as made from pg_indexes i
    where i.schemaname = 'public' and i.tablename = any (${tables})
      and not exists (select 1 from pg_constraint c where c.conname = i.indexname)`.execute(db);
  await sql`set session_replication_role = replica`.execute(db);
  await sql`set maintenance_work_mem = '512MB'`.execute(db);
  await sql`set work_mem = '256MB'`.execute(db);
  await sql`set statement_timeout = 0`.execute(db);
  try {
    for (const { name } of indexes) await sql`drop index ${sql.ref(name)}`.execute(db);
    await fill();
    for (const { made } of indexes) await sql.raw(made).execute(db);
  } finally {
    await sql`reset all`.execute(db);
  }
}
